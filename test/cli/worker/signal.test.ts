import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { BUILT, fixture, run } from '../support.js'

function kill (pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  t.test(`${signal} ends the command, and also an app that blocks`, async (t) => {
    const content = 'import { writeSync } from \'node:fs\'\nwriteSync(2, String(process.pid))\nfor (;;);\n'
    const args = ['-i', process.execPath, BUILT, 'lint', `${t.testdir({ 'app.mjs': content })}/app.mjs`]
    // Without the environment of tap, which listens for signals, too.
    const command = spawn('env', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const stderr: string[] = []
    command.stderr.setEncoding('utf8').on('data', (text) => { stderr.push(text) })
    const [pid] = await once(command.stderr, 'data')
    t.teardown(() => kill(Number(pid)))
    command.kill(signal)
    // The app has the pipe, too, so it closes when both processes have ended.
    t.same(await once(command, 'close'), [null, signal], stderr.join(' '))
  })
}

t.test('the listeners for signals are removed when the app has ended', async (t) => {
  const before = process.listenerCount('SIGTERM')
  const ignore = () => {}
  process.on('SIGTERM', ignore)
  t.teardown(() => process.off('SIGTERM', ignore))
  const ended = run(['lint', fixture('blocks.js')])
  t.equal(process.listenerCount('SIGTERM'), before + 2)
  const received = once(process, 'SIGTERM')
  process.kill(process.pid, 'SIGTERM')
  await received
  t.match(await ended, { status: 2, stderr: /Found: {4}SIGKILL\n/ })
  t.equal(process.listenerCount('SIGTERM'), before + 1)

  const exits = process.listenerCount('exit')
  await run(['lint', fixture('throws.js')])
  // The report arrives before the process of the app has ended.
  while (process.listenerCount('exit') > exits) await new Promise((resolve) => setTimeout(resolve, 10))
  t.equal(process.listenerCount('exit'), exits)
})
