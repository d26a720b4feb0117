import { Type, type TSchema } from '@sinclair/typebox'
import t from 'tap'
import { checkOptions, optionInvalid, type Configured } from '../../src/util/check-options.js'

const configured: Configured = { name: 'the oven', code: (option) => `bake({ ${option} })` }
const onRoute: Configured = { ...configured, name: 'POST /cakes', path: 'config.oven' }

const closed = { additionalProperties: false, allowed: 'an object of options', example: 'heat: 180' }
const Heat = Type.Integer({ minimum: 0, allowed: 'whole degrees', example: '180' })
const Level = Type.Union([Type.Literal('low'), Type.Literal('middle'), Type.Literal('high')])
const Schema = Type.Object({
  heat: Heat,
  level: Type.Optional(Level),
  fan: Type.Optional(Type.Union([Type.Literal('on'), Type.Literal('off')])),
  timer: Type.Optional(Type.Object({ minutes: Heat, 'bell-sound': Type.Optional(Level) }, {
    ...closed, allowed: 'an object with minutes', example: '{ minutes: 20 }'
  })),
  trays: Type.Optional(Type.Array(Level, { allowed: 'a list of levels', example: "['low']" })),
  notes: Type.Optional(Type.Record(Type.String(), Type.String({ allowed: 'a text', example: "'crisp'" }), {
    allowed: 'an object of texts', example: "{ crust: 'crisp' }"
  }))
}, closed)

/** The message for wrong options, `undefined` if they are right. */
function messageFor (options: unknown, owner = configured, schema: TSchema = Schema): string | undefined {
  try {
    checkOptions(owner, schema, options)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

t.test('options that are right are accepted', async (t) => {
  const rows: object[] = [
    { heat: 180 },
    { heat: 0, level: 'low', fan: 'off', timer: { minutes: 20 }, trays: [], notes: {} },
    { heat: 1, level: undefined, timer: { minutes: 1, 'bell-sound': 'high' }, trays: ['low', 'high'] },
    { heat: 1, notes: { crust: 'crisp', crumb: 'soft' } }
  ]
  for (const options of rows) t.equal(messageFor(options), undefined, JSON.stringify(options))
})

t.test('the message says which option is wrong, what was found, what is required, and how to fix it', async (t) => {
  const message = 'The option heat of the oven is invalid. ' +
    'Found: "hot". ' +
    'Required: whole degrees. ' +
    'Fix: bake({ heat: 180 })'
  const error = t.throws(() => checkOptions(configured, Schema, { heat: 'hot' })) as Error & { statusCode: number }
  t.equal(error.message, message)
  t.match(error, { name: 'FastifyError', code: 'FST_CREATED_OPTION_INVALID', statusCode: 500 })
  t.ok(error instanceof TypeError)
})

type Row = [name: string, options: unknown, option: string, found: string, required: string, fix: string]
const rows: Row[] = [
  ['an option that is missing', {}, 'The option heat', 'undefined', 'whole degrees', 'bake({ heat: 180 })'],
  ['a value of the right type that is not allowed', { heat: -1 },
    'The option heat', '-1', 'whole degrees', 'bake({ heat: 180 })'],
  ['null', { heat: null }, 'The option heat', 'null', 'whole degrees', 'bake({ heat: 180 })'],
  ['one of three values', { heat: 1, level: 'top' },
    'The option level', '"top"', '"low", "middle" or "high"', "bake({ level: 'low' })"],
  ['one of two values', { heat: 1, fan: true }, 'The option fan', 'true', '"on" or "off"', "bake({ fan: 'on' })"],

  ['the whole value', undefined, 'The options', 'undefined', 'an object of options', 'bake({ heat: 180 })'],
  ['the whole value, which is a list', [1], 'The options', '[ 1 ]', 'an object of options', 'bake({ heat: 180 })'],
  ['an object inside', { heat: 1, timer: 20 },
    'The option timer', '20', 'an object with minutes', 'bake({ timer: { minutes: 20 } })'],
  ['an option of an object inside', { heat: 1, timer: { minutes: 'ten' } },
    'The option timer.minutes', '"ten"', 'whole degrees', 'bake({ timer: { minutes: 180 } })'],
  ['a name that is not an identifier', { heat: 1, timer: { minutes: 1, 'bell-sound': 'loud' } },
    'The option timer.bell-sound', '"loud"', '"low", "middle" or "high"',
    "bake({ timer: { 'bell-sound': 'low' } })"],
  ['a value of any name', { heat: 1, notes: { crust: 7 } },
    'The option notes.crust', '7', 'a text', "bake({ notes: { crust: 'crisp' } })"],
  ['a name with characters that a JSON pointer escapes', { heat: 1, notes: { 'a/b~c~1': 7 } },
    'The option notes.a/b~c~1', '7', 'a text', "bake({ notes: { 'a/b~c~1': 'crisp' } })"],

  ['a list', { heat: 1, trays: 'low' }, 'The option trays', '"low"', 'a list of levels', "bake({ trays: ['low'] })"],
  ['the first item of a list', { heat: 1, trays: [7] },
    'The option trays.0', '7', '"low", "middle" or "high"', "bake({ trays: ['low'] })"],
  ['another item of a list', { heat: 1, trays: ['low', 'top'] },
    'The option trays.1', '"top"', '"low", "middle" or "high"', "bake({ trays: ['low'] })"],

  ['an unknown option', { heat: 1, haet: 180 }, 'The option haet', 'an unknown option (its value is 180)',
    'one of heat, level, fan, timer, trays, notes', 'remove or rename haet'],
  ['an unknown option of an object inside', { heat: 1, timer: { minutes: 1, bell: 'high' } },
    'The option timer.bell', 'an unknown option (its value is "high")', 'one of minutes, bell-sound',
    'remove or rename bell'],
  ['an unknown option that is undefined', { heat: 1, haet: undefined },
    'The option haet', 'an unknown option (its value is undefined)', 'one of heat, level', 'remove or rename haet'],
  ['an option in another case', { heat: 1, Level: 'low' },
    'The option Level', 'an unknown option (its value is "low")', 'one of heat, level', 'remove or rename Level'],

  ['a long text', { heat: 'a'.repeat(1000) },
    'The option heat', `"${'a'.repeat(200)}"…`, 'whole degrees', 'bake({ heat: 180 })']
]

for (const [name, options, option, found, required, fix] of rows) {
  t.test(`all parts of the message are there for ${name}`, async (t) => {
    const message = messageFor(options)!
    t.ok(message.startsWith(`${option} of the oven is invalid. Found: ${found}. Required: ${required}`), message)
    t.ok(message.endsWith(`. Fix: ${fix}`), message)
  })
}

t.test('the first wrong option is named, and only that one', async (t) => {
  const message = messageFor({ heat: 'hot', level: 'top', haet: 1 })!
  t.equal(message.match(/Found:/g)?.length, 1)
  t.equal(message.match(/The option/g)?.length, 1)
})

t.test('options that are below others are named with their path', async (t) => {
  t.match(messageFor('hot', onRoute), 'The option config.oven of POST /cakes is invalid. Found: "hot". Required: an')
  t.match(messageFor({ heat: 1, fan: 1 }, onRoute), 'The option config.oven.fan of POST /cakes is invalid. Found: 1.')
  t.match(messageFor({ heat: 1, timer: {} }, onRoute),
    'The option config.oven.timer.minutes of POST /cakes is invalid. Found: undefined. Required: whole degrees. ' +
    'Fix: bake({ timer: { minutes: 180 } })')
  t.match(messageFor({ heat: 1, fna: 'on' }, onRoute),
    'The option config.oven.fna of POST /cakes is invalid. Found: an unknown option (its value is "on")')
})

t.test('a check that a schema cannot express has the same message', async (t) => {
  const invalid = { found: '"x"', required: 'an origin', example: "'https://a.example'" }
  const whole = [
    optionInvalid(configured, ['origin'], invalid),
    optionInvalid(configured, ['origins', '1'], invalid),
    optionInvalid(onRoute, [], { ...invalid, example: 'false' }),
    optionInvalid(configured, ['origin'], { found: '"x"', required: 'nothing' })
  ].map(({ message }) => message)
  t.same(whole, [
    "The option origin of the oven is invalid. Found: \"x\". Required: an origin. Fix: bake({ origin: 'https://a.example' })",
    'The option origins.1 of the oven is invalid. Found: "x". Required: an origin. ' +
      "Fix: bake({ origins: ['https://a.example'] })",
    'The option config.oven of POST /cakes is invalid. Found: "x". Required: an origin. Fix: bake({ false })',
    'The option origin of the oven is invalid. Found: "x". Required: nothing. Fix: remove or rename origin'
  ])
  t.match(optionInvalid(configured, ['origin'], invalid), { code: 'FST_CREATED_OPTION_INVALID', statusCode: 500 })
})
