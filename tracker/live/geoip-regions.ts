/** Countries (ISO 3166) whose region is another than most of their continent's. */
const BY_COUNTRY: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    'eu-east': 'BA BG BY CZ EE HR HU LT LV MD ME MK PL RO RS RU SI SK UA XK',
    mideast: 'AE BH CY IL IQ IR JO KW LB OM PS QA SA SY TR YE',
    'south-asia': 'AF BD BT IN LK MV NP PK',
    latam: 'BZ CR CU DO GT HN HT JM MX NI PA PR SV TT',
  }).flatMap(([region, countries]) => countries.split(' ').map((country) => [country, region])),
)

const BY_CONTINENT: Readonly<Record<string, string>> = {
  ...{ AF: 'africa', AS: 'east-asia', EU: 'eu-west', NA: 'na-east', OC: 'oceania', SA: 'latam' },
}

/** North America is cut in two here, degrees east. */
const NA_WEST_OF = -100

/** The region, as the simulator names regions, of a country, a continent and, where it is known, a longitude; '' for none. */
export function regionOfPlace(country: string, continent: string, longitude: number): string {
  const region = BY_COUNTRY[country] ?? BY_CONTINENT[continent] ?? ''
  return region === 'na-east' && longitude < NA_WEST_OF ? 'na-west' : region
}
