#!/usr/bin/env node
import { main } from './main.js'
import { runTask } from './worker/run-task.js'

const { stdout, stderr, env } = process
// The reader may close the pipe early, as head does.
stdout.on('error', () => process.exit())
const status = await main(process.argv.slice(2), { stdout, stderr, env, runTask })
// A probe may leave connections open, which would keep the process alive.
stdout.write('', () => process.exit(status))
