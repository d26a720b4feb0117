import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { ifMatch, readOk } from 'fastify-created/client'
import { buildApp } from '../examples/app.js'
import { launchBrowser } from '../test/examples/browser.js'

const dataDir = await mkdtemp(join(tmpdir(), 'fastify-created-'))
const app = await buildApp({ dataDir, databaseUrl: 'memory://', apiToken: 'dev-token', uploadLimit: 10_000_000 })
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await launchBrowser()

try {
  for (const username of ['ada', 'grace', 'edsger', 'barbara', 'donald']) {
    const payload = { username, email: `${username}@example.com`, password: 'a long password' }
    await app.inject({ method: 'POST', url: '/users', payload })
  }

  const light = await open({ viewport: { width: 1440, height: 960 }, colorScheme: 'light' })
  await upload(light)
  await register(light, 'ann')
  await takeScreenshot(light, 'page-light')

  const dark = await open({ viewport: { width: 1440, height: 960 }, colorScheme: 'dark' })
  await causeConflict(dark, 'grace')
  await takeScreenshot(dark, 'conflict-dark')

  const phone = await open({ viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true })
  await causeConflict(phone, 'ada')
  await takeScreenshot(phone, 'phone')
} finally {
  await browser.close()
  await app.close()
  await rm(dataDir, { recursive: true })
}

async function open (options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ ...options, deviceScaleFactor: 1.25, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(url)
  return page
}

async function register (page: Page, username: string) {
  const form = page.getByRole('form', { name: 'Register a user' })
  await form.getByLabel('Username').fill(username)
  await form.getByLabel('Email').fill(`${username}@example.com`)
  await form.getByLabel('Password').fill('a long password')
  await form.getByRole('button', { name: 'Register' }).click()
  await page.getByRole('form', { name: `Edit ${username}` }).waitFor()
}

async function upload (page: Page) {
  const file = { name: 'minutes.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(200_000) }
  await page.getByLabel('File', { exact: true }).setInputFiles(file)
  await page.getByRole('button', { name: 'Upload' }).click()
  await page.getByRole('link', { name: 'Download minutes.pdf' }).waitFor()
}

/** Saves a user by the API while the page is editing it, and then on the page. */
async function causeConflict (page: Page, username: string) {
  await page.getByRole('button', { name: username }).click()
  const form = page.getByRole('form', { name: `Edit ${username}` })
  const userUrl = await form.getByRole('link').innerText()
  const { etag } = await readOk(await fetch(userUrl))
  const headers = { ...ifMatch(etag!), 'content-type': 'application/json' }
  const body = JSON.stringify({ email: `${username}@example.org` })
  await readOk(await fetch(userUrl, { method: 'PATCH', headers, body }))
  await form.getByLabel('Email').fill(`${username}@navy.example`)
  await form.getByLabel('Status').selectOption('suspended')
  await form.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Keep mine' }).waitFor()
}

async function takeScreenshot (page: Page, name: string) {
  await page.mouse.move(0, 0)
  await page.screenshot({ path: fileURLToPath(new URL(`../docs/images/${name}.png`, import.meta.url)) })
}
