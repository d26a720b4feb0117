import t from 'tap'
import { exampleName } from '../../src/resource/example-name.js'

t.test('a record is called after the last segment of the URL that is text', async (t) => {
  const rows: Array<[url: string, name: string]> = [
    ['/users', 'user'],
    ['/users/', 'user'],
    ['/users/:id', 'user'],
    ['/api/v1/users/:id', 'user'],
    ['/orgs/:org/users/:id', 'user'],
    ['/users/:id/files', 'file'],
    ['/files/*', 'file'],
    ['/people/:id', 'people'],
    ['/categories/:id', 'category'],
    ['/addresses', 'address'],
    ['/boxes', 'box'],
    ['/status', 'status'],
    ['/matches/:id', 'match'],
    ['/address/:id', 'address'],
    ['/imports', 'record'],
    ['/classes/:id', 'record'],
    ['/news/:id', 'record'],
    ['/package-imports/:id', 'packageImport'],
    ['/settings', 'setting'],
    ['/blog-posts/:id', 'blogPost'],
    ['/blog_posts', 'blogPost'],
    ['/blog-', 'blog'],
    ['/Users/:id', 'user'],
    ['/UserGroups', 'userGroup'],
    ['/v2', 'v2'],
    ['/users/:id(\\d+)', 'user'],
    ['/users/:id.json', 'user'],
    ['/named-:id', 'record'],
    ['/users/42', 'user'],
    ['/', 'record'],
    ['', 'record'],
    ['/:id', 'record'],
    ['/*', 'record'],
    ['*', 'record'],
    ['/bücher/:id', 'record'],
    ['(no route)', 'record']
  ]
  for (const [url, name] of rows) t.equal(exampleName(url), name, `${url || 'no URL'}: ${name}`)
})

t.test('the name is an identifier that is not reserved, whatever the URL is', async (t) => {
  for (const word of ['imports', 'exports', 'classes', 'cases', 'packages', 'returns', 'switches', 'Defaults']) {
    const code = `'use strict'; return (${exampleName(`/${word}`)}) => 1`
    // eslint-disable-next-line no-new-func
    t.doesNotThrow(() => new Function(code), code)
  }
  for (const url of ['/a--b', '/a-_-b/:id', '/a_', '/-a', '/_a', '/a-1', '/s', '/ss', '/ies', '/a/../b']) {
    t.match(exampleName(url), /^[a-z][A-Za-z0-9]*$/, `${url}: ${exampleName(url)}`)
  }
})
