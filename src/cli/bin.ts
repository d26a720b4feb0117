#!/usr/bin/env node
import { main } from './main.js'
import { perform } from './app/perform.js'

const { stdout, stderr, env } = process
// Whoever reads the report may have seen enough, as head has.
stdout.on('error', () => process.exit())
const status = await main(process.argv.slice(2), { stdout, stderr, env, perform })
// Connections of a probe may be open still.
stdout.write('', () => process.exit(status))
