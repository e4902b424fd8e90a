/** Draws one plot; runs in the browser. */
window.drawPlot = function drawPlot({ title, x, type = 'linear', domain, names, points, dots }) {
  const { Plot, XMLSerializer } = window
  const colours = ['#1b1b1b', '#d1495b', '#2e75b6', '#3c8d40']
  const colourOf = (name) => colours[names.indexOf(name)]
  const inside = ({ value }) => value >= domain[0]
  const figure = Plot.plot({
    width: 720,
    height: 360,
    marginLeft: 50,
    marginBottom: 50,
    marginTop: 34,
    marginRight: 20,
    style: { background: 'white', color: '#333', fontFamily: 'system-ui, sans-serif', fontSize: '13px' },
    x: {
      type,
      domain,
      label: x,
      labelAnchor: 'center',
      labelArrow: 'none',
      tickFormat: (value) => `${value}`,
      ticks: type === 'log' ? 5 : 8,
    },
    y: { domain: [0, 1], label: null, tickFormat: (share) => `${Math.round(100 * share)} %`, ticks: 5 },
    marks: [
      Plot.gridY({ ticks: 5, stroke: '#ddd', strokeOpacity: 1 }),
      Plot.text([title], { frameAnchor: 'top-left', dy: -24, fontWeight: 'bold', fontSize: 14 }),
      ...names.map((name) =>
        Plot.line(
          points.filter((point) => point.name === name && inside(point)),
          { x: 'value', y: 'share', stroke: colourOf(name), strokeWidth: 2, clip: true },
        ),
      ),
      Plot.dot(dots.filter(inside), {
        x: 'value',
        y: 'share',
        fill: ({ name }) => colourOf(name),
        r: 4.5,
        stroke: 'white',
      }),
      ...names.map((name, i) =>
        Plot.text([`— ${name}`], {
          frameAnchor: 'bottom-right',
          dx: -8,
          dy: -12 - 19 * (names.length - 1 - i),
          fill: colourOf(name),
          fontWeight: 600,
          stroke: 'white',
          strokeWidth: 4,
        }),
      ),
      Plot.ruleY([0], { stroke: '#888' }),
    ],
  })
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  figure.setAttribute('role', 'img')
  figure.setAttribute('aria-label', title)
  return new XMLSerializer().serializeToString(figure)
}
