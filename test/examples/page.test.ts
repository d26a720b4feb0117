/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import axe from 'axe-core'
import { ifMatch, readCreated, readOk } from 'fastify-created/client'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { keepComplaints, startBrowser, WITHOUT_CHROMIUM } from './browser.js'
import { keepLogs, postJson, send, startApp, VIOLATION } from './support.js'

interface User { id: string, username: string, email: string, status: string }

const PASSWORD = 'a long password'
const LONG_NAME = 'W'.repeat(32)
const LONG_EMAIL = `${'w'.repeat(64)}@${'w'.repeat(60)}.${'w'.repeat(60)}.example`

t.test('the web page in Chromium', { skip: WITHOUT_CHROMIUM }, async (t) => {
  const { logs, logger } = keepLogs()
  const { url } = await startApp(t, { logger, uploadLimit: 5_000_000 })
  const newPage = await startBrowser(t)

  /** The page in a context of its own, and without users when the test is over. */
  async function open (t: Test, options: BrowserContextOptions = {}) {
    const page = await newPage(t, options)
    const complaints = keepComplaints(page)
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

  async function newUser (username: string, email = `${username}@example.com`): Promise<URL> {
    const { location } = await readCreated(await postJson(`${url}/users`, { username, email, password: PASSWORD }))
    return location
  }

  /** Somebody else saves, past the page. */
  async function overtake (address: URL, fields: Partial<User>) {
    const { etag } = await readOk(await fetch(address))
    await readOk(await send('PATCH', address.href, fields, ifMatch(etag!)))
  }

  async function isStored (t: Test, address: URL, fields: Partial<User>) {
    t.match((await readOk<User>(await fetch(address))).body, fields)
  }

  /** A save that comes too late. @returns the panel with both versions */
  async function collide (page: Page, address: URL, mine: { username?: string, email?: string }, theirs: Partial<User>): Promise<Locator> {
    const { body } = await readOk<User>(await fetch(address))
    const form = await pick(page, body.username)
    await overtake(address, theirs)
    if (mine.username !== undefined) await form.getByLabel('Username').fill(mine.username)
    if (mine.email !== undefined) await form.getByLabel('Email').fill(mine.email)
    await form.getByRole('button', { name: 'Save' }).click()
    const panel = page.getByRole('region', { name: 'Somebody else was faster' })
    await panel.waitFor()
    return panel
  }

  await t.test('it is one page with one main, one heading of the first rank, and scripts from its own origin alone', async (t) => {
    const { page, complaints } = await open(t)
    const answer = await fetch(url)
    const policy = answer.headers.get('content-security-policy')!.split(';')
    t.ok(policy.includes("script-src 'self'"))
    t.ok(policy.includes("style-src 'self'"))
    t.equal(answer.headers.get('cache-control'), 'no-cache')
    t.equal((await fetch(`${url}/main.js`)).headers.get('cache-control'), 'no-cache')
    t.equal((await fetch(`${url}/tsconfig.json`)).status, 404)

    t.equal(await page.locator('main').count(), 1)
    t.equal(await page.locator('h1').count(), 1)
    t.not(await page.title(), '')
    t.equal(await page.locator('script:not([src]), style, [style]').count(), 0)
    await page.getByText('Nobody yet').waitFor()
    t.same(complaints, [])
  })

  await t.test('who is registered is read from their Location, and shown', async (t) => {
    const { page, complaints } = await open(t)
    await register(page, 'ann')
    const form = page.getByRole('form', { name: 'Edit ann' })
    await form.waitFor()
    t.equal(await form.getByLabel('Email').inputValue(), 'ann@example.com')
    t.equal(await form.getByLabel('Status').inputValue(), 'active')
    const address = await form.getByRole('link').innerText()
    await isStored(t, new URL(address), { username: 'ann', email: 'ann@example.com' })
    await page.getByRole('button', { name: 'ann' }).and(page.locator('[aria-current=true]')).waitFor()
    await says(page, `ann is registered, and lives at ${address}`)
    t.equal(await page.getByLabel('Password').inputValue(), '')

    const answer = await page.goto(address)
    t.match(await answer!.json(), { username: 'ann' })
    t.same(complaints, [])
  })

  await t.test('what the server refuses is said beside the form and in the live region, and the form stays as it is', async (t) => {
    await newUser('ann')
    const { page, complaints } = await open(t)
    const form = page.getByRole('form', { name: 'Register a user' })

    await register(page, 'bob', 'ANN@example.com')
    await says(page, 'This email is taken: choose another email.')
    await form.getByText('This email is taken: choose another email.').waitFor()
    t.equal(await form.getByLabel('Username').inputValue(), 'bob')

    await register(page, 'bob', 'bob@localhost')
    await says(page, 'Email must match format "email"')

    await register(page, 'bob')
    await says(page, /^bob is registered/)
    await form.locator('.error').waitFor({ state: 'hidden' })
    t.same(complaints, [refused(409), refused(400)])
  })

  await t.test('the list is read page by page', async (t) => {
    for (let i = 10; i < 33; i++) await newUser(`user${i}`)
    const { page, complaints } = await open(t)
    const items = page.getByRole('region', { name: 'Users' }).getByRole('listitem')
    const more = page.getByRole('button', { name: 'More users' })
    await says(page, 'Users shown: 10')
    await more.click()
    await says(page, 'Users shown: 20')
    await more.click()
    await says(page, 'Users shown: 23')
    await more.waitFor({ state: 'hidden' })
    const names = await items.locator('.name').allInnerTexts()
    t.same(names.sort(), Array.from({ length: 23 }, (_, i) => `user${i + 10}`))
    t.same(complaints, [])
  })

  await t.test('who is picked can be edited, and only what has changed is sent', async (t) => {
    const address = await newUser('ann')
    const { page, complaints } = await open(t)
    const form = await pick(page, 'ann')
    await form.getByRole('button', { name: 'Save' }).click()
    await says(page, 'There is nothing to save.')

    await form.getByLabel('Status').selectOption('suspended')
    const request = page.waitForRequest((request) => request.method() === 'PATCH')
    await form.getByRole('button', { name: 'Save' }).click()
    t.same((await request).postDataJSON(), { status: 'suspended' })
    t.equal((await request).headers()['content-type'], 'application/merge-patch+json')
    await says(page, 'ann is saved.')
    await isStored(t, address, { status: 'suspended', email: 'ann@example.com' })
    await page.getByRole('button', { name: 'ann suspended' }).waitFor()

    await form.getByLabel('Username').fill('anna')
    await form.getByRole('button', { name: 'Save' }).click()
    await says(page, 'anna is saved.')
    await isStored(t, address, { username: 'anna', status: 'suspended' })
    t.same(complaints, [])
  })

  await t.test('in two tabs the second save is refused, and both versions are shown', async (t) => {
    await newUser('ann')
    const { page, complaints } = await open(t)
    const other = await page.context().newPage()
    await other.goto(url)
    const [form, otherForm] = [await pick(page, 'ann'), await pick(other, 'ann')]

    await otherForm.getByLabel('Email').fill('theirs@example.com')
    await otherForm.getByRole('button', { name: 'Save' }).click()
    await says(other, 'ann is saved.')
    await form.getByLabel('Email').fill('mine@example.com')
    await form.getByRole('button', { name: 'Save' }).click()

    const panel = page.getByRole('region', { name: 'Somebody else was faster' })
    await panel.getByRole('region', { name: 'Theirs' }).getByText('theirs@example.com').waitFor()
    await panel.getByRole('region', { name: 'Mine' }).getByText('mine@example.com').waitFor()
    t.same(await panel.locator('.differs dt').allInnerTexts(), ['Email differs', 'Email differs'])
    t.ok(await isFocused(panel.getByRole('heading', { level: 2 })))
    t.ok(await form.isHidden())
    await says(page, 'Not saved yet: somebody else was faster.')

    await panel.getByRole('button', { name: 'Keep mine' }).click()
    await says(page, 'ann is saved.')
    t.ok(await isFocused(form.getByRole('heading')))
    await otherForm.getByLabel('Username').fill('anna')
    await otherForm.getByRole('button', { name: 'Save' }).click()
    await other.getByRole('button', { name: 'Take theirs' }).click()
    t.equal(await otherForm.getByLabel('Email').inputValue(), 'mine@example.com')
    t.same(complaints, [refused(412)])
  })

  await t.test('Keep mine stores my version as it was shown', async (t) => {
    const address = await newUser('ann')
    const { page } = await open(t)
    const panel = await collide(page, address, { email: 'mine@example.com' }, { email: 'theirs@example.com', status: 'suspended' })
    await panel.getByRole('button', { name: 'Keep mine' }).click()
    await says(page, 'ann is saved.')
    await panel.waitFor({ state: 'hidden' })
    await isStored(t, address, { username: 'ann', email: 'mine@example.com', status: 'active' })

    const form = page.getByRole('form', { name: 'Edit ann' })
    await form.getByLabel('Email').fill('again@example.com')
    await form.getByRole('button', { name: 'Save' }).click()
    await says(page, 'ann is saved.')
    await isStored(t, address, { email: 'again@example.com' })
  })

  await t.test('Take theirs stores nothing, and their version can be edited', async (t) => {
    const address = await newUser('ann')
    const { page } = await open(t)
    const panel = await collide(page, address, { email: 'mine@example.com' }, { email: 'theirs@example.com' })
    await panel.getByRole('button', { name: 'Take theirs' }).click()
    await says(page, 'Their version is in the form. Yours is dropped.')
    await isStored(t, address, { email: 'theirs@example.com' })

    const form = page.getByRole('form', { name: 'Edit ann' })
    t.equal(await form.getByLabel('Email').inputValue(), 'theirs@example.com')
    t.ok(await isFocused(form.getByRole('heading')))
    await form.getByLabel('Username').fill('anna')
    await form.getByRole('button', { name: 'Save' }).click()
    await says(page, 'anna is saved.')
    await isStored(t, address, { username: 'anna', email: 'theirs@example.com' })
  })

  await t.test('Save merged starts with what both have changed, and stores what is made of it', async (t) => {
    const address = await newUser('ann')
    const { page } = await open(t)
    const panel = await collide(page, address, { email: 'mine@example.com' }, { email: 'theirs@example.com', status: 'suspended' })
    const merge = panel.getByRole('form', { name: 'Merged' })
    t.equal(await merge.getByLabel('Email').inputValue(), 'mine@example.com')
    t.equal(await merge.getByLabel('Status').inputValue(), 'suspended')
    await merge.getByLabel('Username').fill('anna')
    await merge.getByRole('button', { name: 'Save merged' }).click()
    await says(page, 'anna is saved.')
    await isStored(t, address, { username: 'anna', email: 'mine@example.com', status: 'suspended' })
  })

  await t.test('a conflict while a conflict is solved is shown again, with the newest version', async (t) => {
    const address = await newUser('ann')
    const { page, complaints } = await open(t)
    const panel = await collide(page, address, { email: 'mine@example.com' }, { email: 'theirs@example.com' })
    await overtake(address, { email: 'third@example.com', status: 'suspended' })
    await panel.getByRole('button', { name: 'Keep mine' }).click()
    await panel.getByText('third@example.com').waitFor()
    t.ok(await isFocused(panel.getByRole('heading', { level: 2 })))
    await isStored(t, address, { email: 'third@example.com' })

    await overtake(address, { email: 'fourth@example.com' })
    await panel.getByLabel('Username').fill('anna')
    await panel.getByRole('button', { name: 'Save merged' }).click()
    await panel.getByText('fourth@example.com').waitFor()
    t.equal(await panel.getByLabel('Username').inputValue(), 'anna')
    await panel.getByRole('button', { name: 'Save merged' }).click()
    await says(page, 'anna is saved.')
    await isStored(t, address, { username: 'anna', email: 'mine@example.com', status: 'suspended' })
    t.same(complaints, [refused(412), refused(412), refused(412)])
  })

  await t.test('a conflict that is none is not put before anybody, and one can be given up by making theirs of mine', async (t) => {
    const address = await newUser('ann')
    const { page } = await open(t)
    const form = await pick(page, 'ann')
    await overtake(address, { email: 'same@example.com' })
    await form.getByLabel('Email').fill('same@example.com')
    await form.getByRole('button', { name: 'Save' }).click()
    await says(page, 'Somebody else has saved the same.')

    const panel = await collide(page, address, { email: 'mine@example.com' }, { email: 'theirs@example.com' })
    await panel.getByLabel('Email').fill('theirs@example.com')
    await panel.getByRole('button', { name: 'Save merged' }).click()
    await says(page, 'That is their version.')
    await isStored(t, address, { email: 'theirs@example.com' })
  })

  await t.test('what is refused in a conflict is said there, and a user who is gone beside the form', async (t) => {
    const address = await newUser('ann')
    await newUser('bob')
    const { page, complaints } = await open(t)
    const panel = await collide(page, address, { email: 'mine@example.com' }, { email: 'theirs@example.com' })
    await panel.getByLabel('Username').fill('bob')
    await panel.getByRole('button', { name: 'Save merged' }).click()
    await panel.getByText('This username is taken').waitFor()

    await panel.getByRole('button', { name: 'Take theirs' }).click()
    const { etag } = await readOk(await fetch(address))
    await send('DELETE', address.href, undefined, ifMatch(etag!))
    const form = page.getByRole('form', { name: 'Edit ann' })
    await form.getByLabel('Username').fill('anna')
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('There is nothing at this address.').waitFor()
    t.equal(await form.getByLabel('Username').inputValue(), 'anna')
    t.same(complaints, [refused(412), refused(409), refused(404)])
  })

  await t.test('a file is uploaded while a bar shows how much of it is sent, and its Location is a link', async (t) => {
    const { page, complaints } = await open(t)
    const network = await page.context().newCDPSession(page)
    await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 4_000_000 })
    const progress = page.getByRole('progressbar', { name: 'Progress', includeHidden: true })
    const values = await progress.evaluateHandle((bar: HTMLProgressElement) => {
      const values: number[] = []
      new MutationObserver(() => values.push(bar.value)).observe(bar, { attributes: true, attributeFilter: ['value'] })
      return values
    })
    const buffer = Buffer.alloc(4_000_000, 'x')
    await upload(page, '<b>minutes & more.txt', buffer)
    const link = page.getByRole('link', { name: /\/files\/[^/]+$/ })
    await link.waitFor()
    await says(page, /^<b>minutes & more\.txt is uploaded, 4000000 bytes/)
    const seen = await values.jsonValue()
    t.equal(seen.at(-1), 1)
    t.ok(seen.filter((value) => value > 0 && value < 1).length > 1, 'the bar has moved on the way')
    t.same(seen.toSorted((a, b) => a - b), seen)

    const address = await link.innerText()
    t.equal(await link.getAttribute('href'), address)
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download' }).click()
    t.equal((await download).url(), `${address}/download`)
    await (await download).cancel()
    await link.click()
    await page.waitForURL(address)
    t.match(JSON.parse(await page.innerText('body')), { filename: '<b>minutes & more.txt', size: 4_000_000 })
    t.same(complaints, [])
  })

  await t.test('a file over the limit is refused in words', async (t) => {
    const { page, complaints } = await open(t)
    await upload(page, 'large', Buffer.alloc(5_000_001))
    await says(page, 'A file may have at most 5000000 bytes.')
    await page.getByRole('form', { name: 'Upload a file' }).getByText('A file may have at most').waitFor()
    t.equal(await page.getByRole('link', { name: /\/files\// }).count(), 0)
    t.ok(await page.getByRole('progressbar', { includeHidden: true }).isHidden())
    t.same(complaints, [refused(413)])
  })

  await t.test('every exchange is listed with its method, URL, status, Location and ETag, the newest first', async (t) => {
    const { page } = await open(t)
    await says(page, 'Users shown: 0')
    await register(page, 'ann')
    await says(page, /^ann is registered/)
    await upload(page, 'minutes', Buffer.from('minutes'))
    await says(page, /^minutes is uploaded/)
    const [user] = (await readOk<{ items: User[] }>(await fetch(`${url}/users`))).body.items
    const { etag } = await readOk(await fetch(`${url}/users/${user.id}`))
    await overtake(new URL(`${url}/users/${user.id}`), { status: 'suspended' })
    const form = page.getByRole('form', { name: 'Edit ann' })
    await form.getByLabel('Username').fill('anna')
    await form.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Take theirs' }).waitFor()

    const texts = await page.getByRole('region', { name: 'Exchanges' }).getByRole('listitem').allInnerTexts()
    const [read, refusal, file, followed, creation, list] = texts.map((text) => text.replaceAll(/\s+/g, ' '))
    t.match(read, new RegExp(`^GET /users/${user.id} 200 OK ETag "\\w+"$`))
    t.match(refusal, new RegExp(`^PATCH /users/${user.id} 412 Precondition Failed If-Match ${etag} ETag "\\w+"$`))
    t.match(file, /^POST \/files 201 Created Location \/files\/[-\w]+ ETag "\S+"$/)
    t.equal(followed, `GET /users/${user.id} 200 OK ETag ${etag}`)
    t.equal(creation, `POST /users 201 Created Location /users/${user.id} ETag ${etag}`)
    t.match(list, /^GET \/users\?limit=10 200 OK$/)
  })

  await t.test('of the exchanges the last fifty stay', async (t) => {
    await newUser('ann')
    const { page } = await open(t)
    const button = page.getByRole('button', { name: 'ann' })
    for (let i = 0; i < 52; i++) {
      const answered = page.waitForResponse(/\/users\/[^/]+$/)
      await button.click()
      await answered
    }
    const items = page.getByRole('region', { name: 'Exchanges' }).getByRole('listitem')
    await items.nth(49).waitFor()
    t.equal(await items.count(), 50)
  })

  await t.test('that no answer comes is said, and it can be tried again', async (t) => {
    const { page, complaints } = await open(t)
    await says(page, 'Users shown: 0')
    await page.context().setOffline(true)
    await register(page, 'ann')
    await says(page, /^The server cannot be reached/)
    await upload(page, 'minutes', Buffer.from('minutes'))
    await page.getByRole('form', { name: 'Upload a file' }).getByText('The server cannot be reached').waitFor()
    t.match(await page.getByRole('region', { name: 'Exchanges' }).getByRole('listitem').allInnerTexts(), [/POST \/files no answer/, /POST \/users no answer/, /./])

    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Register' }).click()
    await says(page, /^ann is registered/)
    const offline = 'Failed to load resource: net::ERR_INTERNET_DISCONNECTED'
    t.same(complaints, [offline, offline])
  })

  await t.test('while a request runs nothing can be sent twice, and what is typed meanwhile stays', async (t) => {
    const address = await newUser('ann')
    const { page } = await open(t)
    const form = await pick(page, 'ann')
    const patches: string[] = []
    let release = () => {}
    const held = new Promise<void>((resolve) => { release = resolve })
    await page.route(address.href, async (route) => {
      patches.push(route.request().method())
      await held
      await route.continue()
    })
    await form.getByLabel('Email').fill('new@example.com')
    await form.getByLabel('Email').press('Enter')
    await says(page, 'Saving…')
    for (const name of ['Register', 'Save', 'ann']) t.ok(await page.getByRole('button', { name }).isDisabled())
    t.ok(await page.getByRole('button', { name: 'Upload' }).isEnabled())
    await form.getByLabel('Email').press('Enter')
    await form.getByLabel('Username').fill('anna')
    release()
    await says(page, 'ann is saved.')
    t.same(patches, ['PATCH'])
    t.equal(await form.getByLabel('Username').inputValue(), 'anna')
    t.ok(await page.getByRole('button', { name: 'Save' }).isEnabled())
  })

  await t.test('the keyboard is enough', async (t) => {
    const { page, complaints } = await open(t)
    await says(page, 'Users shown: 0')
    const registration = page.getByRole('form', { name: 'Register a user' })
    await tabTo(t, page, registration.getByLabel('Username'))
    await page.keyboard.type('ann')
    await tabTo(t, page, registration.getByLabel('Email'))
    await page.keyboard.type('ann@example.com')
    await tabTo(t, page, registration.getByLabel('Password'))
    await page.keyboard.type(PASSWORD)
    await tabTo(t, page, page.getByRole('button', { name: 'Register' }))
    await page.keyboard.press('Enter')
    await says(page, /^ann is registered/)

    const form = page.getByRole('form', { name: 'Edit ann' })
    t.ok(await isFocused(form.getByRole('heading')))
    const address = new URL(await form.getByRole('link').innerText())
    await overtake(address, { email: 'theirs@example.com' })
    await tabTo(t, page, form.getByLabel('Email'))
    await page.keyboard.press('Control+A')
    await page.keyboard.type('mine@example.com')
    await tabTo(t, page, form.getByLabel('Status'))
    await page.keyboard.type('s')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const panel = page.getByRole('region', { name: 'Somebody else was faster' })
    await panel.waitFor()
    t.ok(await isFocused(panel.getByRole('heading', { level: 2 })))
    await tabTo(t, page, panel.getByRole('button', { name: 'Keep mine' }))
    await page.keyboard.press('Space')
    await says(page, 'ann is saved.')
    await isStored(t, address, { email: 'mine@example.com', status: 'suspended' })
    t.ok(await isFocused(form.getByRole('heading')))

    await tabTo(t, page, form.getByRole('button', { name: 'Save' }))
    await page.keyboard.press('Enter')
    await says(page, 'There is nothing to save.')
    t.ok(await isFocused(form.getByRole('button', { name: 'Save' })))
    await tabTo(t, page, page.getByRole('region', { name: 'Exchanges' }))
    t.same(complaints, [refused(412)])
  })

  for (const width of [320, 390]) {
    await t.test(`at ${width} px nothing has to be scrolled sideways`, async (t) => {
      const address = await newUser(LONG_NAME, LONG_EMAIL)
      const { page } = await open(t, { viewport: { width, height: 800 } })
      await hasNoSidewaysScrolling(t, page)
      const panel = await collide(page, address, { username: 'M'.repeat(32) }, { status: 'suspended' })
      await hasNoSidewaysScrolling(t, page)
      await panel.getByRole('button', { name: 'Keep mine' }).click()
      await says(page, /is saved/)
      await hasNoSidewaysScrolling(t, page)
      await register(page, 'bob', LONG_EMAIL)
      await says(page, 'This email is taken: choose another email.')
      await hasNoSidewaysScrolling(t, page)
      await upload(page, `${'w'.repeat(200)}.txt`, Buffer.from('minutes'))
      await says(page, /is uploaded/)
      await hasNoSidewaysScrolling(t, page)
    })
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    await t.test(`axe finds nothing wrong in ${colorScheme} colours, whatever is shown`, async (t) => {
      const { page } = await open(t, { colorScheme, reducedMotion: 'reduce' })
      await page.evaluate(axe.source)
      await says(page, 'Users shown: 0')
      await isAccessible(t, page, 'empty')
      await register(page, 'ann')
      await says(page, /^ann is registered/)
      await isAccessible(t, page, 'list and editor')
      const form = page.getByRole('form', { name: 'Edit ann' })
      await collide(page, new URL(await form.getByRole('link').innerText()), { email: 'mine@example.com' }, { status: 'suspended' })
      await isAccessible(t, page, 'conflict')
      await page.getByRole('button', { name: 'Take theirs' }).click()
      await register(page, 'bob', 'ann@example.com')
      await says(page, /taken/)
      await upload(page, 'minutes', Buffer.from('minutes'))
      await page.getByRole('link', { name: 'Download minutes' }).waitFor()
      await isAccessible(t, page, 'refusal and file')
    })
  }

  await t.test('the documentation of the routes works under the same policy', async (t) => {
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

/** @returns the form in which this user can be edited */
async function pick (page: Page, username: string): Promise<Locator> {
  await page.getByRole('button', { name: username }).click()
  const form = page.getByRole('form', { name: `Edit ${username}` })
  await form.waitFor()
  return form
}

async function upload (page: Page, name: string, buffer: Buffer) {
  await page.getByLabel('File', { exact: true }).setInputFiles({ name, mimeType: 'text/plain', buffer })
  await page.getByRole('button', { name: 'Upload' }).click()
}

/** Waits until the live region has this text. */
async function says (page: Page, text: string | RegExp) {
  await page.getByRole('status').and(page.getByText(text)).waitFor()
}

function isFocused (locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => element === document.activeElement)
}

/** Goes on with the Tab key until this has the focus, and shows it. */
async function tabTo (t: Test, page: Page, target: Locator) {
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab')
    if (!await isFocused(target)) continue
    t.not(await target.evaluate((element) => getComputedStyle(element).outlineStyle), 'none')
    return
  }
  t.fail(`the Tab key does not lead to ${target}`)
}

async function hasNoSidewaysScrolling (t: Test, page: Page) {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.scrollingElement!
    return { scrollWidth, clientWidth }
  })
  t.ok(scrollWidth <= clientWidth, `${scrollWidth} of ${clientWidth} px`)
}

async function isAccessible (t: Test, page: Page, state: string) {
  const violations = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`)
  })
  t.same(violations, [], state)
}

/** The line that Chromium itself writes into the console. */
function refused (status: number): string {
  const reasons: Record<number, string> = { 400: 'Bad Request', 404: 'Not Found', 409: 'Conflict', 412: 'Precondition Failed', 413: 'Payload Too Large' }
  return `Failed to load resource: the server responded with a status of ${status} (${reasons[status]})`
}
