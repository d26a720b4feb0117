/** What a server does wrong, and the check that must fail. */
export const FAULTS = {
  '200-for-201': 'created-201',
  '202-for-201': 'created-201',

  'no-location': 'location-present',
  'location-empty': 'location-present',

  'location-bare-id': 'location-syntax',
  'location-relative': 'location-syntax',
  'location-double-slash': 'location-syntax',
  'location-space': 'location-syntax',
  'location-non-ascii': 'location-syntax',
  'location-bare-percent': 'location-syntax',
  'location-fragment': 'location-syntax',
  'location-twice': 'location-syntax',
  'location-bad-host': 'location-syntax',
  'location-ftp': 'location-syntax',

  'location-collection': 'location-answers-get',
  'location-wrong-id': 'location-answers-get',
  'location-undefined': 'location-answers-get',
  'location-without-prefix': 'location-answers-get',
  'written-after-the-201': 'location-answers-get',

  'no-etag': 'etag-present',
  'etag-unquoted': 'etag-present',
  'etag-single-quotes': 'etag-present',

  'etag-of-the-response': 'etag-same-on-get',
  'get-without-etag': 'etag-same-on-get',

  'location-of-the-previous-row': 'body-same-on-get',
  'echoes-the-request': 'body-same-on-get',
  'leaks-password': 'body-same-on-get',
  'leaks-password-beside-id': 'body-same-on-get',
  'leaks-hash': 'body-same-on-get',
  'content-location-wrong': 'body-same-on-get',

  'head-404': 'head-like-get',
  'head-405': 'head-like-get',
  'head-other-etag': 'head-like-get',
  'head-length-0': 'head-like-get',

  'location-always-the-same': 'post-twice-two-addresses',
  'second-200': 'post-twice-two-addresses',
  'second-500': 'post-twice-two-addresses',
  'second-without-location': 'post-twice-two-addresses',

  'if-none-match-ignored': 'not-modified-304',

  '304-without-etag': 'not-modified-headers',
  '304-without-vary': 'not-modified-headers',
  '304-without-cache-control': 'not-modified-headers',

  'invalid-201': 'invalid-creates-nothing',
  'invalid-500': 'invalid-creates-nothing',
  'invalid-stored': 'invalid-creates-nothing',
  'invalid-location': 'invalid-creates-nothing',

  'weak-tags': 'update-with-tag',
  'if-match-without-quotes': 'update-with-tag',

  'tag-stays': 'update-changes-tag',
  'tag-lost': 'update-changes-tag',
  'update-not-stored': 'update-changes-tag',
  'update-deletes': 'update-changes-tag',
  'update-returns-old-tag': 'update-changes-tag',

  'if-match-ignored': 'stale-tag-412',
  'stale-409': 'stale-tag-412',
  'stale-428': 'stale-tag-412',
  'stale-500': 'stale-tag-412',

  'update-changes-version-only': 'update-changes-tag',

  'stale-stored': 'stale-tag-changes-nothing',
  'stale-changes-version': 'stale-tag-changes-nothing',

  'no-428': 'missing-precondition-428',
  '400-for-428': 'missing-precondition-428',
  '428-stored': 'missing-precondition-428',

  'weak-comparison': 'weak-tag-never-matches',

  'list-split-at-commas': 'tag-list-with-commas',
  'no-list': 'tag-list-with-commas',
  'first-of-list': 'tag-list-with-commas',

  'check-then-write': 'one-writer-wins',
  'loser-500': 'one-writer-wins',
  'loser-409': 'one-writer-wins',
  'loser-stored': 'one-writer-wins',
  'loser-stored-silently': 'one-writer-wins',

  'put-creates-200': 'put-creates-201',
  'put-not-stored': 'put-creates-201',
  'put-location-elsewhere': 'put-creates-201',

  'put-again-201': 'put-again-200',

  'star-ignored': 'if-none-match-star-creates-once',
  'star-race': 'if-none-match-star-creates-once',
  'star-loser-500': 'if-none-match-star-creates-once',
  'star-loser-stored': 'if-none-match-star-creates-once',

  'delete-ignores-if-match': 'delete-with-stale-tag-412',
  'delete-stale-409': 'delete-with-stale-tag-412',
  'delete-412-removes': 'delete-with-stale-tag-412',

  'delete-keeps-row': 'deleted-is-gone',
  'delete-500': 'deleted-is-gone',
  'gone-is-null': 'deleted-is-gone'
} as const
