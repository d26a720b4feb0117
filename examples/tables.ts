import { sql } from 'drizzle-orm'
import { bigint, boolean, integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'

const timestampColumn = () => timestamp({ withTimezone: true, precision: 3 }).notNull().defaultNow()

// The source of ETags. One sequence for all rows, so that no ETag is ever used twice: if a user is deleted and another
// one created with the same id, an old ETag of the first must not match the second.
const nextVersion = sql`nextval('versions')`
const version = () => bigint({ mode: 'number' }).notNull().default(nextVersion)

/** Set by every update. `updated_at` always increases, even if the clock does not. */
export const NEW_VERSION = {
  version: nextVersion,
  updated_at: sql`greatest(now(), updated_at + interval '1 millisecond')`
}

export const users = pgTable('users', {
  id: uuid().primaryKey().defaultRandom(),
  username: text().notNull(),
  email: text().notNull(),
  password_hash: text().notNull(),
  status: text({ enum: ['active', 'suspended'] }).notNull().default('active'),
  email_verified: boolean().notNull().default(false),
  version: version(),
  created_at: timestampColumn(),
  updated_at: timestampColumn()
})

export const posts = pgTable('posts', {
  id: uuid().primaryKey().defaultRandom(),
  title: text().notNull(),
  content: text().notNull(),
  author_id: uuid().notNull(),
  published: boolean().notNull(),
  tags: text().array().notNull(),
  version: version(),
  created_at: timestampColumn(),
  updated_at: timestampColumn()
})

export const files = pgTable('files', {
  file_id: uuid().primaryKey(),
  filename: text().notNull(),
  size: bigint({ mode: 'number' }).notNull(),
  content_type: text().notNull(),
  sha256: text().notNull(),
  created_at: timestampColumn()
})

/** The users of all imports. A pending one has an encrypted password; a completed one has a user or an error. */
export const importUsers = pgTable('import_users', {
  import_id: uuid().notNull(),
  index: integer().notNull(),
  username: text().notNull(),
  email: text().notNull(),
  encrypted_password: text(),
  key_id: text().notNull(),
  user_id: uuid(),
  error: text(),
  expired: boolean().notNull().default(false),
  created_at: timestampColumn()
}, (table) => [primaryKey({ columns: [table.import_id, table.index] })])

/** The statements that create the schema, by the name of what they create. PGlite runs one statement at a time. */
export const CREATE_STATEMENTS: Readonly<Record<string, string>> = {
  versions: 'CREATE SEQUENCE versions',
  users: `CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    username text NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    email_verified boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT nextval('versions'),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
  )`,
  // Names that differ only in upper and lower case count as the same.
  users_username_key: 'CREATE UNIQUE INDEX users_username_key ON users (lower(username))',
  users_email_key: 'CREATE UNIQUE INDEX users_email_key ON users (lower(email))',
  posts: `CREATE TABLE posts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title text NOT NULL,
    content text NOT NULL,
    author_id uuid NOT NULL,
    published boolean NOT NULL,
    tags text[] NOT NULL,
    version bigint NOT NULL DEFAULT nextval('versions'),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
  )`,
  files: `CREATE TABLE files (
    file_id uuid PRIMARY KEY,
    filename text NOT NULL,
    size bigint NOT NULL,
    content_type text NOT NULL,
    sha256 text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now()
  )`,
  import_users: `CREATE TABLE import_users (
    import_id uuid NOT NULL,
    index integer NOT NULL,
    username text NOT NULL,
    email text NOT NULL,
    encrypted_password text,
    key_id text NOT NULL,
    user_id uuid,
    error text,
    expired boolean NOT NULL DEFAULT false,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (import_id, index)
  )`,
  import_users_pending: `CREATE INDEX import_users_pending ON import_users (created_at, import_id, index)
    WHERE encrypted_password IS NOT NULL`
}
