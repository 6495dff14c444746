export { noGauge, showGauge } from '../progress/gauge.js'
export { showProgress } from '../progress/progress.js'
