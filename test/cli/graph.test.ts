import { expect, test } from 'vitest'
import { formatGraph } from '../../cli/graph.js'

const [app, lib] = [`/store/${'0'.repeat(32)}-app-1`, `/store/${'1'.repeat(32)}-lib=2`]
const graph = {
  objects: [
    { path: lib, size: 1, references: [] },
    { path: app, size: 2, references: [lib] },
  ],
}

test('a graph in dot has a box for each object and an arrow for each reference', () => {
  expect(formatGraph.dot!(graph)).toEqual([
    'digraph store {',
    '  rankdir=LR',
    '  node [shape=box]',
    `  "${lib}" [label="lib=2"]`,
    `  "${app}" [label="app-1"]`,
    `  "${app}" -> "${lib}"`,
    '}',
  ])
})

test('a graph in mermaid numbers the objects', () => {
  expect(formatGraph.mermaid!(graph)).toEqual(['graph LR', '  n0["lib=2"]', '  n1["app-1"]', '  n1 --> n0'])
})

test('a graph in JSON is one document', () => {
  expect(JSON.parse(formatGraph.json!(graph).join('\n'))).toEqual(graph)
})
