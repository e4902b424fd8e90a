import { startControls } from './controls.client.js'
import { startCopying } from './copy.client.js'
import { drawOnResize } from './slots.client.js'
import { startTheme } from './theme.client.js'

startTheme()
startCopying()
startControls()
drawOnResize()
