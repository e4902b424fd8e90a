/** The libraries come before this script, as globals. */
export const { Plot, d3 } = window
