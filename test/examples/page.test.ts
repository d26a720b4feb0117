/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import axe from 'axe-core'
import { ifMatch, readCreated, readOk } from 'fastify-created/client'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { collectPageErrors, startBrowser, WITHOUT_CHROMIUM } from './browser.js'
import { captureLogs, NOTHING_HERE, postJson, send, startApp, VIOLATION } from './support.js'

interface User { id: string, username: string, email: string, status: string }

const PASSWORD = 'a long password'
const MINE = { email: 'mine@example.com' }
const THEIRS = { email: 'theirs@example.com' }
const LONG_NAME = 'W'.repeat(32)
const LONG_EMAIL = `${'w'.repeat(64)}@${'w'.repeat(60)}.${'w'.repeat(60)}.example`

t.test('the web page in Chromium', { skip: WITHOUT_CHROMIUM }, async (t) => {
  const { logs, logger } = captureLogs()
  const { url } = await startApp(t, { logger, uploadLimit: 5_000_000 })
  const newPage = await startBrowser(t)

  /** Opens the page in its own context. At the end of the test, all users are deleted. */
  async function open (t: Test, options: BrowserContextOptions = {}) {
    const page = await newPage(t, options)
    const complaints = collectPageErrors(page)
    t.teardown(async () => {
      const { body } = await readOk<{ items: User[] }>(await fetch(`${url}/users?limit=100`))
      for (const { id } of body.items) {
        const { etag } = await readOk(await fetch(`${url}/users/${id}`))
        await send('DELETE', `${url}/users/${id}`, undefined, ifMatch(etag!))
      }
    })
    await page.goto(url)
    return { page, complaints }
  }

  async function createUser (username: string, email = `${username}@example.com`): Promise<URL> {
    const response = await postJson(`${url}/users`, { username, email, password: PASSWORD })
    return (await readCreated(response)).location
  }

  /** Changes a user by the API, while the page has an older version. */
  async function changeByApi (userUrl: URL, fields: Partial<User>) {
    const { etag } = await readOk(await fetch(userUrl))
    await readOk(await send('PATCH', userUrl.href, fields, ifMatch(etag!)))
  }

  async function assertStored (t: Test, userUrl: URL, fields: Partial<User>) {
    t.match((await readOk<User>(await fetch(userUrl))).body, fields)
  }

  /** Saves a user whom somebody else has changed meanwhile. @returns the panel with both versions */
  async function causeConflict (
    page: Page, userUrl: URL, mine: { username?: string, email?: string }, theirs: Partial<User>
  ): Promise<Locator> {
    const { body } = await readOk<User>(await fetch(userUrl))
    const form = await pickUser(page, body.username)
    await changeByApi(userUrl, theirs)
    if (mine.username !== undefined) await form.getByLabel('Username').fill(mine.username)
    if (mine.email !== undefined) await form.getByLabel('Email').fill(mine.email)
    await form.getByRole('button', { name: 'Save' }).click()
    const panel = page.getByRole('region', { name: 'Somebody else has changed this user' })
    await panel.waitFor()
    return panel
  }

  await t.test('the page has one main, one h1, and scripts from its own origin only', async (t) => {
    const { page, complaints } = await open(t)
    const response = await fetch(url)
    const policy = response.headers.get('content-security-policy')!.split(';')
    t.ok(policy.includes("script-src 'self'"))
    t.ok(policy.includes("style-src 'self'"))
    t.equal(response.headers.get('cache-control'), 'no-cache')
    t.equal((await fetch(`${url}/main.js`)).headers.get('cache-control'), 'no-cache')
    t.equal((await fetch(`${url}/tsconfig.json`)).status, 404)

    t.equal(await page.locator('main').count(), 1)
    t.equal(await page.locator('h1').count(), 1)
    t.not(await page.title(), '')
    t.equal(await page.locator('script:not([src]), style, [style]').count(), 0)
    await page.getByText('No users yet').waitFor()
    t.same(complaints, [])
  })

  await t.test('a registered user is read from its Location, and shown', async (t) => {
    const { page, complaints } = await open(t)
    await register(page, 'ann')
    const form = page.getByRole('form', { name: 'Edit ann' })
    await form.waitFor()
    t.equal(await form.getByLabel('Email').inputValue(), 'ann@example.com')
    t.equal(await form.getByLabel('Status').inputValue(), 'active')
    const userUrl = await form.getByRole('link').innerText()
    await assertStored(t, new URL(userUrl), { username: 'ann', email: 'ann@example.com' })
    await page.getByRole('button', { name: 'ann' }).and(page.locator('[aria-current=true]')).waitFor()
    await waitForMessage(page, `ann is registered: ${userUrl}`)
    t.equal(await page.getByLabel('Password').inputValue(), '')

    const response = await page.goto(userUrl)
    t.match(await response!.json(), { username: 'ann' })
    t.same(complaints, [])
  })

  await t.test('an error is shown at the form and in the live region, and the form keeps its values', async (t) => {
    await createUser('ann')
    const { page, complaints } = await open(t)
    const form = page.getByRole('form', { name: 'Register a user' })

    await register(page, 'bob', 'ANN@example.com')
    await waitForMessage(page, 'This email is taken. Choose another email.')
    await form.getByText('This email is taken. Choose another email.').waitFor()
    t.equal(await form.getByLabel('Username').inputValue(), 'bob')

    await register(page, 'bob', 'bob@localhost')
    await waitForMessage(page, 'Email must match format "email"')

    await register(page, 'bob')
    await waitForMessage(page, /^bob is registered/)
    await form.locator('.error').waitFor({ state: 'hidden' })
    t.same(complaints, [consoleError(409), consoleError(400)])
  })

  await t.test('the list has pages', async (t) => {
    for (let i = 10; i < 33; i++) await createUser(`user${i}`)
    const { page, complaints } = await open(t)
    const items = page.getByRole('region', { name: 'Users' }).getByRole('listitem')
    const more = page.getByRole('button', { name: 'More users' })
    await waitForMessage(page, 'Users shown: 10')
    await more.click()
    await waitForMessage(page, 'Users shown: 20')
    await more.click()
    await waitForMessage(page, 'Users shown: 23')
    await more.waitFor({ state: 'hidden' })
    const names = await items.locator('.name').allInnerTexts()
    t.same(names.sort(), Array.from({ length: 23 }, (_, i) => `user${i + 10}`))
    t.same(complaints, [])
  })

  await t.test('a user can be edited, and only changed fields are sent', async (t) => {
    const userUrl = await createUser('ann')
    const { page, complaints } = await open(t)
    const form = await pickUser(page, 'ann')
    await form.getByRole('button', { name: 'Save' }).click()
    await waitForMessage(page, 'Nothing to save.')

    await form.getByLabel('Status').selectOption('suspended')
    const request = page.waitForRequest((request) => request.method() === 'PATCH')
    await form.getByRole('button', { name: 'Save' }).click()
    t.same((await request).postDataJSON(), { status: 'suspended' })
    t.equal((await request).headers()['content-type'], 'application/merge-patch+json')
    await waitForMessage(page, 'ann is saved.')
    await assertStored(t, userUrl, { status: 'suspended', email: 'ann@example.com' })
    await page.getByRole('button', { name: 'ann suspended' }).waitFor()

    await form.getByLabel('Username').fill('anna')
    await form.getByRole('button', { name: 'Save' }).click()
    await waitForMessage(page, 'anna is saved.')
    await assertStored(t, userUrl, { username: 'anna', status: 'suspended' })
    t.same(complaints, [])
  })

  await t.test('in two tabs the second save is rejected, and both versions are shown', async (t) => {
    await createUser('ann')
    const { page, complaints } = await open(t)
    const other = await page.context().newPage()
    await other.goto(url)
    const [form, otherForm] = [await pickUser(page, 'ann'), await pickUser(other, 'ann')]

    await otherForm.getByLabel('Email').fill('theirs@example.com')
    await otherForm.getByRole('button', { name: 'Save' }).click()
    await waitForMessage(other, 'ann is saved.')
    await form.getByLabel('Email').fill('mine@example.com')
    await form.getByRole('button', { name: 'Save' }).click()

    const panel = page.getByRole('region', { name: 'Somebody else has changed this user' })
    await panel.getByRole('region', { name: 'Theirs' }).getByText('theirs@example.com').waitFor()
    await panel.getByRole('region', { name: 'Mine' }).getByText('mine@example.com').waitFor()
    t.same(await panel.locator('.differs dt').allInnerTexts(), ['Email differs', 'Email differs'])
    t.ok(await isFocused(panel.getByRole('heading', { level: 2 })))
    t.ok(await form.isHidden())
    await waitForMessage(page, 'Not saved: somebody else has changed this user.')

    await panel.getByRole('button', { name: 'Keep mine' }).click()
    await waitForMessage(page, 'ann is saved.')
    t.ok(await isFocused(form.getByRole('heading')))
    await otherForm.getByLabel('Username').fill('anna')
    await otherForm.getByRole('button', { name: 'Save' }).click()
    await other.getByRole('button', { name: 'Take theirs' }).click()
    t.equal(await otherForm.getByLabel('Email').inputValue(), 'mine@example.com')
    t.same(complaints, [consoleError(412)])
  })

  await t.test('Keep mine saves my version as it is shown', async (t) => {
    const userUrl = await createUser('ann')
    const { page } = await open(t)
    const panel = await causeConflict(page, userUrl, MINE, { ...THEIRS, status: 'suspended' })
    await panel.getByRole('button', { name: 'Keep mine' }).click()
    await waitForMessage(page, 'ann is saved.')
    await panel.waitFor({ state: 'hidden' })
    await assertStored(t, userUrl, { username: 'ann', email: 'mine@example.com', status: 'active' })

    const form = page.getByRole('form', { name: 'Edit ann' })
    await form.getByLabel('Email').fill('again@example.com')
    await form.getByRole('button', { name: 'Save' }).click()
    await waitForMessage(page, 'ann is saved.')
    await assertStored(t, userUrl, { email: 'again@example.com' })
  })

  await t.test('Take theirs saves nothing, and their version can be edited', async (t) => {
    const userUrl = await createUser('ann')
    const { page } = await open(t)
    const panel = await causeConflict(page, userUrl, MINE, THEIRS)
    await panel.getByRole('button', { name: 'Take theirs' }).click()
    await waitForMessage(page, 'The form now shows their version. Your changes are discarded.')
    await assertStored(t, userUrl, { email: 'theirs@example.com' })

    const form = page.getByRole('form', { name: 'Edit ann' })
    t.equal(await form.getByLabel('Email').inputValue(), 'theirs@example.com')
    t.ok(await isFocused(form.getByRole('heading')))
    await form.getByLabel('Username').fill('anna')
    await form.getByRole('button', { name: 'Save' }).click()
    await waitForMessage(page, 'anna is saved.')
    await assertStored(t, userUrl, { username: 'anna', email: 'theirs@example.com' })
  })

  await t.test('Save merged starts with the changes of both sides, and saves the edited result', async (t) => {
    const userUrl = await createUser('ann')
    const { page } = await open(t)
    const panel = await causeConflict(page, userUrl, MINE, { ...THEIRS, status: 'suspended' })
    const merge = panel.getByRole('form', { name: 'Merged' })
    t.equal(await merge.getByLabel('Email').inputValue(), 'mine@example.com')
    t.equal(await merge.getByLabel('Status').inputValue(), 'suspended')
    await merge.getByLabel('Username').fill('anna')
    await merge.getByRole('button', { name: 'Save merged' }).click()
    await waitForMessage(page, 'anna is saved.')
    await assertStored(t, userUrl, { username: 'anna', email: 'mine@example.com', status: 'suspended' })
  })

  await t.test('another change during a conflict is shown as a new conflict, with the newest version', async (t) => {
    const userUrl = await createUser('ann')
    const { page, complaints } = await open(t)
    const panel = await causeConflict(page, userUrl, MINE, THEIRS)
    await changeByApi(userUrl, { email: 'third@example.com', status: 'suspended' })
    await panel.getByRole('button', { name: 'Keep mine' }).click()
    await panel.getByText('third@example.com').waitFor()
    t.ok(await isFocused(panel.getByRole('heading', { level: 2 })))
    await assertStored(t, userUrl, { email: 'third@example.com' })

    await changeByApi(userUrl, { email: 'fourth@example.com' })
    await panel.getByLabel('Username').fill('anna')
    await panel.getByRole('button', { name: 'Save merged' }).click()
    await panel.getByText('fourth@example.com').waitFor()
    t.equal(await panel.getByLabel('Username').inputValue(), 'anna')
    await panel.getByRole('button', { name: 'Save merged' }).click()
    await waitForMessage(page, 'anna is saved.')
    await assertStored(t, userUrl, { username: 'anna', email: 'mine@example.com', status: 'suspended' })
    t.same(complaints, [consoleError(412), consoleError(412), consoleError(412)])
  })

  await t.test('the same change on both sides is not a conflict, and a merge may end with their version', async (t) => {
    const userUrl = await createUser('ann')
    const { page } = await open(t)
    const form = await pickUser(page, 'ann')
    await changeByApi(userUrl, { email: 'same@example.com' })
    await form.getByLabel('Email').fill('same@example.com')
    await form.getByRole('button', { name: 'Save' }).click()
    await waitForMessage(page, 'Somebody else has already saved the same values.')

    const panel = await causeConflict(page, userUrl, MINE, THEIRS)
    await panel.getByLabel('Email').fill('theirs@example.com')
    await panel.getByRole('button', { name: 'Save merged' }).click()
    await waitForMessage(page, 'Nothing to save: this is their version.')
    await assertStored(t, userUrl, { email: 'theirs@example.com' })
  })

  await t.test('an error during a conflict is shown there, and the 404 of a deleted user at the form', async (t) => {
    const userUrl = await createUser('ann')
    await createUser('bob')
    const { page, complaints } = await open(t)
    const panel = await causeConflict(page, userUrl, MINE, THEIRS)
    await panel.getByLabel('Username').fill('bob')
    await panel.getByRole('button', { name: 'Save merged' }).click()
    await panel.getByText('This username is taken').waitFor()

    await panel.getByRole('button', { name: 'Take theirs' }).click()
    const { etag } = await readOk(await fetch(userUrl))
    await send('DELETE', userUrl.href, undefined, ifMatch(etag!))
    const form = page.getByRole('form', { name: 'Edit ann' })
    await form.getByLabel('Username').fill('anna')
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText(NOTHING_HERE).waitFor()
    t.equal(await form.getByLabel('Username').inputValue(), 'anna')
    t.same(complaints, [consoleError(412), consoleError(409), consoleError(404)])
  })

  await t.test('a progress bar shows the upload of a file, and its Location is a link', async (t) => {
    const { page, complaints } = await open(t)
    const network = await page.context().newCDPSession(page)
    const slowUploads = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 4_000_000 }
    await network.send('Network.emulateNetworkConditions', slowUploads)
    const progress = page.getByRole('progressbar', { name: 'Progress', includeHidden: true })
    const values = await progress.evaluateHandle((bar: HTMLProgressElement) => {
      const values: number[] = []
      const observer = new MutationObserver(() => values.push(bar.value))
      observer.observe(bar, { attributes: true, attributeFilter: ['value'] })
      return values
    })
    const buffer = Buffer.alloc(4_000_000, 'x')
    await upload(page, '<b>minutes & more.txt', buffer)
    const link = page.getByRole('link', { name: /\/files\/[^/]+$/ })
    await link.waitFor()
    await waitForMessage(page, /^<b>minutes & more\.txt is uploaded \(4000000 bytes\)/)
    const seen = await values.jsonValue()
    t.equal(seen.at(-1), 1)
    t.ok(seen.filter((value) => value > 0 && value < 1).length > 1, 'the bar has moved during the upload')
    t.same(seen.toSorted((a, b) => a - b), seen)

    const fileUrl = await link.innerText()
    t.equal(await link.getAttribute('href'), fileUrl)
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download' }).click()
    t.equal((await download).url(), `${fileUrl}/download`)
    await (await download).cancel()
    await link.click()
    await page.waitForURL(fileUrl)
    t.match(JSON.parse(await page.innerText('body')), { filename: '<b>minutes & more.txt', size: 4_000_000 })
    t.same(complaints, [])
  })

  await t.test('a file over the limit is rejected with the reason', async (t) => {
    const { page, complaints } = await open(t)
    await upload(page, 'large', Buffer.alloc(5_000_001))
    await waitForMessage(page, 'A file may have at most 5000000 bytes.')
    await page.getByRole('form', { name: 'Upload a file' }).getByText('A file may have at most').waitFor()
    t.equal(await page.getByRole('link', { name: /\/files\// }).count(), 0)
    t.ok(await page.getByRole('progressbar', { includeHidden: true }).isHidden())
    t.same(complaints, [consoleError(413)])
  })

  await t.test('every exchange is listed with method, URL, status, Location and ETag, the newest first', async (t) => {
    const { page } = await open(t)
    await waitForMessage(page, 'Users shown: 0')
    await register(page, 'ann')
    await waitForMessage(page, /^ann is registered/)
    await upload(page, 'minutes', Buffer.from('minutes'))
    await waitForMessage(page, /^minutes is uploaded/)
    const [user] = (await readOk<{ items: User[] }>(await fetch(`${url}/users`))).body.items
    const { etag } = await readOk(await fetch(`${url}/users/${user.id}`))
    await changeByApi(new URL(`${url}/users/${user.id}`), { status: 'suspended' })
    const form = page.getByRole('form', { name: 'Edit ann' })
    await form.getByLabel('Username').fill('anna')
    await form.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Take theirs' }).waitFor()

    const texts = await page.getByRole('region', { name: 'Exchanges' }).getByRole('listitem').allInnerTexts()
    const [readAgain, rejected, uploaded, read, created, list] = texts.map((text) => text.replaceAll(/\s+/g, ' '))
    t.match(readAgain, new RegExp(`^GET /users/${user.id} 200 OK ETag "\\w+"$`))
    const status = '412 Precondition Failed'
    t.match(rejected, new RegExp(`^PATCH /users/${user.id} ${status} If-Match ${etag} ETag "\\w+"$`))
    t.match(uploaded, /^POST \/files 201 Created Location \/files\/[-\w]+ ETag "\S+"$/)
    t.equal(read, `GET /users/${user.id} 200 OK ETag ${etag}`)
    t.equal(created, `POST /users 201 Created Location /users/${user.id} ETag ${etag}`)
    t.match(list, /^GET \/users\?limit=10 200 OK$/)
  })

  await t.test('the list of exchanges has the last fifty', async (t) => {
    await createUser('ann')
    const { page } = await open(t)
    const button = page.getByRole('button', { name: 'ann' })
    for (let i = 0; i < 52; i++) {
      const responded = page.waitForResponse(/\/users\/[^/]+$/)
      await button.click()
      await responded
    }
    const items = page.getByRole('region', { name: 'Exchanges' }).getByRole('listitem')
    await items.nth(49).waitFor()
    t.equal(await items.count(), 50)
  })

  await t.test('if the server cannot be reached, the page says so, and the user can try again', async (t) => {
    const { page, complaints } = await open(t)
    await waitForMessage(page, 'Users shown: 0')
    await page.context().setOffline(true)
    await register(page, 'ann')
    await waitForMessage(page, /^Cannot reach the server/)
    await upload(page, 'minutes', Buffer.from('minutes'))
    await page.getByRole('form', { name: 'Upload a file' }).getByText('Cannot reach the server').waitFor()
    const exchanges = page.getByRole('region', { name: 'Exchanges' }).getByRole('listitem')
    t.match(await exchanges.allInnerTexts(), [/POST \/files no response/, /POST \/users no response/, /./])

    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Register' }).click()
    await waitForMessage(page, /^ann is registered/)
    const offline = 'Failed to load resource: net::ERR_INTERNET_DISCONNECTED'
    t.same(complaints, [offline, offline])
  })

  await t.test('during a request nothing can be sent twice, and text typed meanwhile stays', async (t) => {
    const userUrl = await createUser('ann')
    const { page } = await open(t)
    const form = await pickUser(page, 'ann')
    const patches: string[] = []
    let release = () => {}
    const held = new Promise<void>((resolve) => { release = resolve })
    await page.route(userUrl.href, async (route) => {
      patches.push(route.request().method())
      await held
      await route.continue()
    })
    await form.getByLabel('Email').fill('new@example.com')
    await form.getByLabel('Email').press('Enter')
    await waitForMessage(page, 'Saving…')
    for (const name of ['Register', 'Save', 'ann']) t.ok(await page.getByRole('button', { name }).isDisabled())
    t.ok(await page.getByRole('button', { name: 'Upload' }).isEnabled())
    await form.getByLabel('Email').press('Enter')
    await form.getByLabel('Username').fill('anna')
    release()
    await waitForMessage(page, 'ann is saved.')
    t.same(patches, ['PATCH'])
    t.equal(await form.getByLabel('Username').inputValue(), 'anna')
    t.ok(await page.getByRole('button', { name: 'Save' }).isEnabled())
  })

  await t.test('the page can be used with the keyboard only', async (t) => {
    const { page, complaints } = await open(t)
    await waitForMessage(page, 'Users shown: 0')
    const registration = page.getByRole('form', { name: 'Register a user' })
    await tabTo(t, page, registration.getByLabel('Username'))
    await page.keyboard.type('ann')
    await tabTo(t, page, registration.getByLabel('Email'))
    await page.keyboard.type('ann@example.com')
    await tabTo(t, page, registration.getByLabel('Password'))
    await page.keyboard.type(PASSWORD)
    await tabTo(t, page, page.getByRole('button', { name: 'Register' }))
    await page.keyboard.press('Enter')
    await waitForMessage(page, /^ann is registered/)

    const form = page.getByRole('form', { name: 'Edit ann' })
    t.ok(await isFocused(form.getByRole('heading')))
    const userUrl = new URL(await form.getByRole('link').innerText())
    await changeByApi(userUrl, { email: 'theirs@example.com' })
    await tabTo(t, page, form.getByLabel('Email'))
    await page.keyboard.press('Control+A')
    await page.keyboard.type('mine@example.com')
    await tabTo(t, page, form.getByLabel('Status'))
    await page.keyboard.type('s')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const panel = page.getByRole('region', { name: 'Somebody else has changed this user' })
    await panel.waitFor()
    t.ok(await isFocused(panel.getByRole('heading', { level: 2 })))
    await tabTo(t, page, panel.getByRole('button', { name: 'Keep mine' }))
    await page.keyboard.press('Space')
    await waitForMessage(page, 'ann is saved.')
    await assertStored(t, userUrl, { email: 'mine@example.com', status: 'suspended' })
    t.ok(await isFocused(form.getByRole('heading')))

    await tabTo(t, page, form.getByRole('button', { name: 'Save' }))
    await page.keyboard.press('Enter')
    await waitForMessage(page, 'Nothing to save.')
    t.ok(await isFocused(form.getByRole('button', { name: 'Save' })))
    await tabTo(t, page, page.getByRole('region', { name: 'Exchanges' }))
    t.same(complaints, [consoleError(412)])
  })

  for (const width of [320, 390]) {
    await t.test(`at ${width} px there is no sideways scrolling`, async (t) => {
      const userUrl = await createUser(LONG_NAME, LONG_EMAIL)
      const { page } = await open(t, { viewport: { width, height: 800 } })
      await assertNoSidewaysScrolling(t, page)
      const panel = await causeConflict(page, userUrl, { username: 'M'.repeat(32) }, { status: 'suspended' })
      await assertNoSidewaysScrolling(t, page)
      await panel.getByRole('button', { name: 'Keep mine' }).click()
      await waitForMessage(page, /is saved/)
      await assertNoSidewaysScrolling(t, page)
      await register(page, 'bob', LONG_EMAIL)
      await waitForMessage(page, 'This email is taken. Choose another email.')
      await assertNoSidewaysScrolling(t, page)
      await upload(page, `${'w'.repeat(200)}.txt`, Buffer.from('minutes'))
      await waitForMessage(page, /is uploaded/)
      await assertNoSidewaysScrolling(t, page)
    })
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    await t.test(`axe finds no violations in ${colorScheme} colors, in any state of the page`, async (t) => {
      const { page } = await open(t, { colorScheme, reducedMotion: 'reduce' })
      await page.evaluate(axe.source)
      await waitForMessage(page, 'Users shown: 0')
      await assertAccessible(t, page, 'empty')
      await register(page, 'ann')
      await waitForMessage(page, /^ann is registered/)
      await assertAccessible(t, page, 'list and editor')
      const form = page.getByRole('form', { name: 'Edit ann' })
      const userUrl = new URL(await form.getByRole('link').innerText())
      await causeConflict(page, userUrl, MINE, { status: 'suspended' })
      await assertAccessible(t, page, 'conflict')
      await page.getByRole('button', { name: 'Take theirs' }).click()
      await register(page, 'bob', 'ann@example.com')
      await waitForMessage(page, /taken/)
      await upload(page, 'minutes', Buffer.from('minutes'))
      await page.getByRole('link', { name: 'Download minutes' }).waitFor()
      await assertAccessible(t, page, 'error and file')
    })
  }

  await t.test('the API documentation works with the same policy', async (t) => {
    const { page, complaints } = await open(t)
    for (const path of ['/docs', '/docs/']) {
      await page.goto(url + path)
      await page.getByText('Register a user').click()
      await page.getByRole('button', { name: 'Try it out' }).waitFor()
    }
    const policy = (await fetch(`${url}/docs`)).headers.get('content-security-policy')!
    t.notMatch(policy, /unsafe|upgrade-insecure-requests/)
    t.same(complaints, [])
  })

  t.notMatch(logs.join(''), VIOLATION)
})

async function register (page: Page, username: string, email = `${username}@example.com`) {
  const form = page.getByRole('form', { name: 'Register a user' })
  await form.getByLabel('Username').fill(username)
  await form.getByLabel('Email').fill(email)
  await form.getByLabel('Password').fill(PASSWORD)
  await form.getByRole('button', { name: 'Register' }).click()
}

/** Picks a user from the list. @returns the form for editing */
async function pickUser (page: Page, username: string): Promise<Locator> {
  await page.getByRole('button', { name: username }).click()
  const form = page.getByRole('form', { name: `Edit ${username}` })
  await form.waitFor()
  return form
}

async function upload (page: Page, name: string, buffer: Buffer) {
  await page.getByLabel('File', { exact: true }).setInputFiles({ name, mimeType: 'text/plain', buffer })
  await page.getByRole('button', { name: 'Upload' }).click()
}

/** Waits until the live region has this message. */
async function waitForMessage (page: Page, text: string | RegExp) {
  await page.getByRole('status').and(page.getByText(text)).waitFor()
}

function isFocused (locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => element === document.activeElement)
}

/** Presses Tab until the target has a visible focus. */
async function tabTo (t: Test, page: Page, target: Locator) {
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab')
    if (!await isFocused(target)) continue
    t.not(await target.evaluate((element) => getComputedStyle(element).outlineStyle), 'none')
    return
  }
  t.fail(`Tab does not reach ${target}`)
}

async function assertNoSidewaysScrolling (t: Test, page: Page) {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.scrollingElement!
    return { scrollWidth, clientWidth }
  })
  t.ok(scrollWidth <= clientWidth, `${scrollWidth} of ${clientWidth} px`)
}

async function assertAccessible (t: Test, page: Page, state: string) {
  const violations = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`)
  })
  t.same(violations, [], state)
}

/** The line that Chromium itself writes to the console for an error response. */
function consoleError (status: number): string {
  const reasons: Record<number, string> = {
    400: 'Bad Request', 404: 'Not Found', 409: 'Conflict', 412: 'Precondition Failed', 413: 'Payload Too Large'
  }
  return `Failed to load resource: the server responded with a status of ${status} (${reasons[status]})`
}
