export { RecipeExists } from './author/errors.js'
export type { Finding } from './author/lint/finding.js'
export { lint } from './author/lint/lint.js'
export type { AskProgress } from './author/lint/urls.js'
export { type NewRecipe, newRecipe } from './author/new.js'
export { refreshTypes } from './author/types.js'
export { type Amount, sumAmounts } from './build/amounts.js'
export type { Builder, BuildSettings } from './build/builder.js'
export { complaintOf } from './build/complaints.js'
export { readCounts } from './build/counts.js'
export { type DownloadLimits, tidyDownloads } from './build/downloads.js'
export { BUILD_DIRECTORY } from './build/environment.js'
export {
  ArchiveEscapes,
  BadOutput,
  BuildFailed,
  Interrupted,
  NotReproducible,
  SeveralFailed,
  TimedOut,
  UndeclaredReference,
  UnknownWorld,
} from './build/errors.js'
export type { BuildEvent, PlannedStep, Report } from './build/events.js'
export { BUILD_SCRIPT } from './build/interactive.js'
export { findLog, phaseOf, readLog } from './build/log.js'
export { findWeakInputs, type Promised, promiseOf, type WeakInput } from './build/promise.js'
export { check, enterBuild, realise, type Sources, tryOut, writeDerivations } from './build/realise.js'
export { type Remade, remakeObjects, rewriteDerivations } from './build/repair.js'
export { openSource, type SourceFile, sourcesOf } from './build/sources.js'
export { workOf } from './build/step.js'
export { type Tidied, tidy } from './build/tidy.js'
export { BadVariation, parseVariations, type Tracing } from './build/tracing.js'
export { changeChannels } from './channel/change.js'
export {
  type ChannelConfig,
  isChannelUrl,
  readChannels,
  readUrl,
  SHIPPED,
  withKeysOf,
} from './channel/config.js'
export { BadChannel, BadChannelsFile, BadPins, UnknownChannel } from './channel/errors.js'
export {
  type ClosedChannel,
  findInChannels,
  hasRecipes,
  listAll,
  type PackageOfChannel,
  worldOfFiles,
} from './channel/find.js'
export { type FolderPin, hasChanges, type Point } from './channel/folder.js'
export type { ChannelHost } from './channel/host.js'
export {
  describeStandard,
  type OpenChannel,
  type OpenOptions,
  openChannel,
  openPoint,
  resolveCommit,
  withStandard,
} from './channel/open.js'
export { describeRebuild, formatPoint, originsOf } from './channel/origin.js'
export { isContent, makePins, parsePins, type WrittenPoint } from './channel/pins.js'
export { type PullOptions, pullChannel } from './channel/pull.js'
export type { Derivation, EpochRule, Lowered, Output } from './derivation/derivation.js'
export { encodeDerivation } from './derivation/encode.js'
export { fixedOutput, nameDerivation } from './derivation/hash.js'
export { readDerivation } from './derivation/read.js'
export { downloadsFolder, makeDownloadCache } from './fetch/cache.js'
export { hashGit } from './fetch/git.js'
export { hashUrl } from './fetch/hash-url.js'
export { readHostMirrors } from './fetch/host.js'
export { makeMirrors } from './fetch/mirrors.js'
export { proxyFrom } from './fetch/proxy.js'
export { type Reach, reachMirrors } from './fetch/reach.js'
export { readUserMirrors } from './fetch/user-mirrors.js'
export { closest } from './lower/closest.js'
export { BadPackageName, BadRecipe, InputCycle, UnknownOutput, UnknownPackage } from './lower/errors.js'
export { type LocalTree, type Lowering, lower } from './lower/lower.js'
export {
  type FindOptions,
  type FoundPackage,
  findPackage,
  listPackages,
  type PackageName,
  parsePackageName,
} from './lower/packages.js'
export { CHANNEL, locateFile, makeRoot, type RecipeWorld } from './lower/roots.js'
export { searchPackages } from './lower/search.js'
export { isNothing, isUnchanged, startResting, type Witness, witness } from './lower/witness.js'
export { makePlan, type Plan, type Step, type Target, type Work } from './plan/plan.js'
export type { EmittedPackage, GivenFile, Transformations } from './recipe/index.js'
export { BuilderNotExecutable, SandboxLost, SandboxUnavailable } from './sandbox/errors.js'
export { type Feature, probeSandbox } from './sandbox/probe.js'
export type { ProgramCounts, Suspension } from './sandbox/run.js'
export { BadUidRange, borrowUser, NoFreeUser } from './sandbox/users.js'
export { channelsFile, mirrorsFile, parseJson } from './settings.js'
