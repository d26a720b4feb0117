import fc from 'fast-check'
import t from 'tap'
import { parsePreferences, preferredReturn } from '../../src/http/prefer.js'
import { visible } from '../visible.js'

type Preference = [name: string, value: string]

function preferences (prefer: string): Preference[] {
  return parsePreferences(prefer).map(({ name, value }) => [name, value])
}

t.test('the examples of RFC 7240 are read as it says', async (t) => {
  const rows: Array<[prefer: string, expected: Preference[]]> = [
    ['respond-async', [['respond-async', '']]],
    ['respond-async, wait=100', [['respond-async', ''], ['wait', '100']]],
    ['handling=lenient', [['handling', 'lenient']]],
    ['respond-async, wait=100, handling=lenient', [['respond-async', ''], ['wait', '100'], ['handling', 'lenient']]],
    ['Lenient', [['lenient', '']]],
    ['foo; bar', [['foo', '']]],
    ['foo; bar=""', [['foo', '']]],
    ['foo=""; bar', [['foo', '']]],
    ['return=minimal; foo="some parameter"', [['return', 'minimal']]],
    ['wait=10', [['wait', '10']]],
    ['return=representation', [['return', 'representation']]]
  ]
  for (const [prefer, expected] of rows) t.same(preferences(prefer), expected, prefer)
})

t.test('a list of preferences is read member by member', async (t) => {
  const rows: Array<[name: string, prefer: string, expected: Preference[]]> = [
    ['names are the same in every case', 'RETURN=minimal, Wait=1', [['return', 'minimal'], ['wait', '1']]],
    ['values are not', 'return=MINIMAL', [['return', 'MINIMAL']]],
    ['a value may be quoted', 'return="minimal"', [['return', 'minimal']]],
    ['a quoted comma is part of the value', 'a="b, c=d", e', [['a', 'b, c=d'], ['e', '']]],
    ['a quoted semicolon is part of the value', 'a="b; c", e', [['a', 'b; c'], ['e', '']]],
    ['a backslash quotes the next character', 'a="b\\"c, \\\\", e', [['a', 'b"c, \\'], ['e', '']]],
    ['a backslash before an ordinary character is dropped', 'a="\\b"', [['a', 'b']]],
    ['a quoted equals sign is part of the value', 'a="b=c"', [['a', 'b=c']]],
    ['white space around = is bad and allowed', 'a = b, c\t=\t"d"', [['a', 'b'], ['c', 'd']]],
    ['white space around the separators', ' a ,\tb=c\t, d ', [['a', ''], ['b', 'c'], ['d', '']]],
    ['no white space at all', 'a,b=c,d;e=f', [['a', ''], ['b', 'c'], ['d', '']]],
    ['an empty value counts as absent', 'a="", b', [['a', ''], ['b', '']]],
    ['empty members are skipped', ', a,, b ,', [['a', ''], ['b', '']]],
    ['parameters are left out', 'a; b=c; d, e="f"; g', [['a', ''], ['e', 'f']]],
    ['parameters without white space', 'a;b;c,d', [['a', ''], ['d', '']]],
    ['a parameter may have quoted separators', 'a; b="c, d; e", f', [['a', ''], ['f', '']]],
    ['parameters may be empty', 'a;;b; , c', [['a', ''], ['c', '']]],
    ['a semicolon may stand at the end', 'a;', [['a', '']]],
    ['a repeated preference shows twice', 'a=1, a=2', [['a', '1'], ['a', '2']]],
    ['a token may have every character that RFC 9110 allows', '!#$%&\'*+-.^_`|~09AZaz=!#$%&\'*+-.^_`|~09AZaz',
      [['!#$%&\'*+-.^_`|~09azaz', '!#$%&\'*+-.^_`|~09AZaz']]],
    ['nothing at all', '', []],
    ['white space alone', ' \t ', []],
    ['commas alone', ' ,, ', []]
  ]
  for (const [name, prefer, expected] of rows) t.same(preferences(prefer), expected, `${name}: ${visible(prefer)}`)
})

t.test('text that cannot be parsed does not undo what came before it, and does not count itself', async (t) => {
  const rows: Array<[prefer: string, expected: Preference[]]> = [
    ['a=b, ???', [['a', 'b']]],
    ['a=b, "c"', [['a', 'b']]],
    ['a=b, =c', [['a', 'b']]],
    ['a=b, c="d', [['a', 'b']]],
    ['a=b, c="d\\"', [['a', 'b']]],
    ['a=b, c=d e', [['a', 'b']]],
    ['a=b, c d', [['a', 'b']]],
    ['a=b, c=d=e', [['a', 'b']]],
    ['a=b, c="d"e', [['a', 'b']]],
    ['a=b, c=(d)', [['a', 'b']]],
    ['a=b, c:d', [['a', 'b']]],
    ['a=b, \u00FC', [['a', 'b']]],
    ['a=b,\u00A0c', [['a', 'b']]],
    ['a=b,\nc', [['a', 'b']]],
    ['a=b; ???', [['a', 'b']]],
    ['a=b; c="d', [['a', 'b']]],
    ['a=b; c d, e', [['a', 'b']]],
    ['a b', []],
    ['a=b c', []],
    ['a="b', []],
    ['"a"', []],
    ['=a', []],
    ['a/b', []],
    ['a\u00A0=b', []],
    ['a\n=b', []],
    ['a=\u00A0b', []],
    ['a="b"\u00A0', []],
    ['\u00A0a', []]
  ]
  for (const [prefer, expected] of rows) t.same(preferences(prefer), expected, visible(prefer))
})

t.test('the first preference called return decides what the client wants back', async (t) => {
  const rows: Array<[prefer: string | undefined, expected: 'minimal' | 'representation' | undefined]> = [
    [undefined, undefined],
    ['', undefined],
    ['return=minimal', 'minimal'],
    ['return=representation', 'representation'],
    ['Return=minimal', 'minimal'],
    ['RETURN=representation', 'representation'],
    ['return="minimal"', 'minimal'],
    ['return="\\minimal"', 'minimal'],
    ['return = minimal', 'minimal'],
    ['respond-async, return=minimal', 'minimal'],
    ['return=minimal; foo="some parameter"', 'minimal'],
    ['return=minimal; return=representation', 'minimal'],
    ['return=minimal, wait=10', 'minimal'],
    ['return=minimal, return=minimal', 'minimal'],
    ['return=minimal, return=other', 'minimal'],
    ['return=minimal, return', 'minimal'],
    ['return=representation, ???', 'representation'],
    ['return=representation, return', 'representation'],
    ['a="return=minimal"', undefined],
    ['a="b, return=minimal"', undefined],
    ['a; return=minimal', undefined],
    ['return', undefined],
    ['return=""', undefined],
    ['return=Minimal', undefined],
    ['return=MINIMAL', undefined],
    ['return="minimal "', undefined],
    ['return=other', undefined],
    ['return=other, return=minimal', undefined],
    ['return, return=minimal', undefined],
    ['return=minimal, return=representation', undefined],
    ['return=representation, return=minimal', undefined],
    ['return=minimal, wait=1, Return="representation"', undefined],
    ['return=other, return=minimal, return=representation', undefined],
    ['return-minimal', undefined],
    ['minimal', undefined],
    ['xreturn=minimal', undefined],
    ['return=minimal representation', undefined],
    ['???, return=minimal', undefined],
    ['unknown, handling=strict; x=y', undefined]
  ]
  for (const [prefer, expected] of rows) {
    t.equal(preferredReturn(prefer), expected, `${prefer === undefined ? 'no Prefer' : visible(prefer)}: ${expected}`)
  }
})

t.test('several lines are one list', async (t) => {
  const joined = ['respond-async', 'return=minimal; a', 'wait=10'].join(', ')
  t.equal(preferredReturn(joined), 'minimal')
  t.same(preferences(joined), [['respond-async', ''], ['return', 'minimal'], ['wait', '10']])
  t.equal(preferredReturn(['return=minimal', 'return=representation'].join(', ')), undefined,
    'that contradict each other')
})

t.test('preferences are read from a list with any spacing and quoting', async () => {
  const aToken = fc.string({
    unit: fc.constantFrom(...'!#$%&\'*+-.^_`|~0123456789abcxyzABCXYZ'),
    minLength: 1,
    maxLength: 5
  })
  const aText = fc.string({ unit: fc.constantFrom(...' \t,;="\\aZ0é/'), maxLength: 5 })
  const aWhitespace = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 2 })
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
  const aWord = fc.oneof(aToken.map((text) => ({ text, value: text })),
    aText.map((value) => ({ text: quoted(value), value })))
  const anItem = fc.tuple(aToken, fc.option(fc.tuple(aWord, aWhitespace, aWhitespace)))
    .map(([name, given]) => given === null
      ? { name, value: '', text: name }
      : { name, value: given[0].value, text: `${name}${given[1]}=${given[2]}${given[0].text}` })
  const aParameter = fc.tuple(aWhitespace, aWhitespace, fc.option(anItem))
    .map(([before, after, item]) => `${before};${after}${item?.text ?? ''}`)
  const aMember = fc.tuple(anItem, fc.array(aParameter, { maxLength: 2 }))
    .map(([item, parameters]) => ({ ...item, text: item.text + parameters.join('') }))
  const aSeparator = fc.tuple(aWhitespace, fc.constantFrom(',', ',,', ', ,'), aWhitespace)
    .map((parts) => parts.join(''))
  const aList = fc.tuple(aWhitespace, fc.array(fc.tuple(aMember, aSeparator), { maxLength: 4 }))
  fc.assert(fc.property(aList, ([start, members]) => {
    const text = start + members.map(([member, separator]) => member.text + separator).join('')
    const expected = members.map(([{ name, value }]) => `${name.toLowerCase()} ${value}`)
    return preferences(text).map((preference) => preference.join(' ')).join('\n') === expected.join('\n')
  }), { numRuns: 2000 })
})

t.test('no string makes it throw', async (t) => {
  const fragment = fc.constantFrom('return', 'return=minimal', 'return=representation', '=', 'minimal', ',', ';', '"',
    '\\', ' ', '\t', 'é', '\n', '/', '""')
  const text = fc.oneof(fc.string({ unit: 'binary' }),
    fc.array(fragment, { maxLength: 12 }).map((fragments) => fragments.join('')))
  const seen = new Set<string | undefined>()
  fc.assert(fc.property(text, (prefer) => {
    seen.add(preferredReturn(prefer))
    return parsePreferences(prefer).every(({ name, value }) => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) &&
      typeof value === 'string')
  }), { numRuns: 5000 })
  t.same(new Set([undefined, 'minimal', 'representation']), seen, 'and some have a preference')
})

t.test('long strings are read', async (t) => {
  const length = 100_000
  t.equal(preferences('a,'.repeat(length)).length, length, 'members')
  t.same(preferences('a' + ';b'.repeat(length)), [['a', '']], 'parameters')
  t.same(preferences(' '.repeat(length)), [], 'spaces')
  t.same(preferences(','.repeat(length)), [], 'commas')
  t.same(preferences('a' + ' '.repeat(length) + 'b'), [], 'spaces between two names')
  t.same(preferences('a' + ' '.repeat(length) + '=' + ' '.repeat(length) + 'b'), [['a', 'b']], 'spaces around =')
  t.same(preferences('a="' + 'b'.repeat(length)), [], 'a quoted value without an end')
  t.same(preferences('a="' + '\\'.repeat(length + 1)), [], 'backslashes without an end')
  t.same(preferences('a="' + '\\"'.repeat(length) + '"'), [['a', '"'.repeat(length)]], 'quoted quotes')
  t.same(preferences('a="' + ','.repeat(length) + '"'), [['a', ','.repeat(length)]], 'quoted commas')
  t.same(preferences('='.repeat(length)), [], 'equals signs')
})
