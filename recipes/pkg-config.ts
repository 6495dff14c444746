export { pkgConfig } from './seed/pkg-config.js'
