export { base32Alphabet, base32Length, decodeBase32, encodeBase32 } from './base32.js'
export { BadEncoding, CanonicalReader, CanonicalWriter, compareBytes } from './canonical.js'
export type { Link } from './chains.js'
export { explainDependency, NoDependency } from './chains.js'
export type { Database, Validity } from './db/database.js'
export type { PathInfo, Provenance } from './db/info.js'
export { DamagedRecord, decodeInfo, encodeInfo } from './db/info.js'
export { DatabaseBusy, DatabaseDamaged } from './db/open.js'
export type { Change } from './db/tables.js'
export { deletionsFile } from './deletions.js'
export { sortDepthFirst } from './depth-first.js'
export type { Algorithm, Digest, Hasher } from './digest.js'
export { BadDigest, digestOf, equalDigests, formatDigest, makeHasher, parseDigest } from './digest.js'
export { whereReachable, writeEntry } from './entries.js'
export type { ErrorDetails } from './error.js'
export { firstError, isAbort, StoreError, systemCode } from './error.js'
export { exportClosure } from './export/export.js'
export { AlteredObject, BadExport } from './export/format.js'
export { importObjects } from './export/import.js'
export { CannotRead, DiskFull, NoPlace, NotWritable, reading, readingAll, writing } from './failure.js'
export type { RootChain } from './gc/chain.js'
export { findRootChain, StillAlive } from './gc/chain.js'
export type { Collected, CollectOptions, CollectProgress } from './gc/collect.js'
export { collect, findDead } from './gc/collect.js'
export { discard, ObjectBusy } from './gc/discard.js'
export type { OutLink } from './gc/links.js'
export { addLink, LinkExists, listLinks, pruneLinks } from './gc/links.js'
export type { Marked, MarkOptions, MarkProgress } from './gc/mark.js'
export { mark } from './gc/mark.js'
export type { Root } from './gc/roots.js'
export {
  addRoot,
  BadRootName,
  findRoots,
  formatRoot,
  listNamedRoots,
  NoSuchRoot,
  RootExists,
  removeRoot,
} from './gc/roots.js'
export type { Deleted, SweepProgress } from './gc/sweep.js'
export { deleteDead, sweep } from './gc/sweep.js'
export { KeeperLost, makeKeeper } from './keeper.js'
export type { Layout } from './layout.js'
export { locateStore, STORE_DIRECTORY } from './layout.js'
export type { Lock } from './lock.js'
export { claim, claimAll, lockAll, takeLock } from './lock.js'
export { BadNar, FileChanged, UnsupportedFile } from './nar/format.js'
export type { NarHash } from './nar/hash.js'
export { hashNar, hashTree } from './nar/hash.js'
export { readNar, TargetExists } from './nar/read.js'
export { writeNar } from './nar/write.js'
export type { AddOptions } from './object/add.js'
export { addFile, addTree, HashMismatch } from './object/add.js'
export { canonicalise, settleTree } from './object/canonicalise.js'
export type { Candidate } from './object/commit.js'
export { commitObjects, MissingReference, ReferenceCycle } from './object/commit.js'
export { deleteObjects, removeTree, StillReferenced } from './object/delete.js'
export { removeGarbage } from './object/garbage.js'
export type { HiddenReferences } from './object/hidden.js'
export { findHidden } from './object/hidden.js'
export type { Occurrence } from './object/occurrences.js'
export { findOccurrences } from './object/occurrences.js'
export { replaceObject } from './object/replace.js'
export type { TreeScan } from './object/scan.js'
export { scanTree } from './object/scan.js'
export type { Text } from './object/texts.js'
export { addTexts } from './object/texts.js'
export type { Optimised, OptimiseOptions } from './optimise/optimise.js'
export { optimise } from './optimise/optimise.js'
export type { Method, StorePath } from './path.js'
export {
  BadName,
  BadStorePath,
  formatStorePath,
  HASH_LENGTH,
  hashPart,
  makeDerivationPath,
  makeOutputPath,
  makeSourcePath,
  nameOf,
  parseName,
  parseStorePath,
} from './path.js'
export {
  AmbiguousPath,
  computeClosure,
  filterValid,
  findInfo,
  isValid,
  listOutputs,
  listReferrers,
  listValid,
  NoSuchObject,
  readInfo,
  resolvePath,
} from './query.js'
export type { ObjectSize } from './sizes.js'
export { measureClosure } from './sizes.js'
export type { Stage } from './stage.js'
export type { Store, StoreOptions } from './store.js'
export { openStore } from './store.js'
export type { VerifyProgress } from './verify/pace.js'
export type { Problem } from './verify/problem.js'
export type { RecoveredDatabase } from './verify/recover.js'
export { recoverDatabase } from './verify/recover.js'
export type { VerifyOptions } from './verify/verify.js'
export { repair, verify } from './verify/verify.js'
export { NewerStore } from './version.js'
export { isRunning } from './wake.js'
