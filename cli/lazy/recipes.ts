export { CHANNEL, makeRoot } from '../../builder/index.js'
