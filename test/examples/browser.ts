import { existsSync } from 'node:fs'
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core'
import type { Test } from 'tap'

const BROWSER_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
]

const executablePath = process.env.CHROMIUM_PATH ?? BROWSER_PATHS.find((path) => existsSync(path))

export const WITHOUT_CHROMIUM = executablePath === undefined && 'no Chromium is installed'

/** Launches the installed Chromium. Tests never download one. */
export function launchBrowser () {
  return chromium.launch({
    executablePath,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'
    ]
  })
}

/**
 * Launches one Chromium for all tests of a file.
 * @returns a function that opens a page in a new context, closed at the end of its test
 */
export async function startBrowser (t: Test) {
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  return async (t: Test, options: BrowserContextOptions = {}) => {
    const context = await browser.newContext(options)
    t.teardown(() => context.close())
    return context.newPage()
  }
}

/**
 * Collects the uncaught errors of a page, and the errors and warnings in its console. Chromium itself logs an error for
 * every response with a status of 400 and above, and a page cannot prevent that.
 */
export function collectPageErrors (page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => { complaints.push(String(error)) })
  page.on('console', (message) => {
    if (/error|warning/.test(message.type())) complaints.push(message.text())
  })
  return complaints
}
