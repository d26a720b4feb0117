import { bigint, boolean, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'

export const users = pgTable('users', {
  id: uuid().primaryKey().defaultRandom(),
  username: text().notNull(),
  email: text().notNull(),
  password_hash: text().notNull(),
  status: text({ enum: ['active', 'suspended'] }).notNull().default('active'),
  email_verified: boolean().notNull().default(false),
  // What the ETag is made of: every update adds one.
  version: integer().notNull().default(1),
  created_at: timestamp({ withTimezone: true, precision: 3 }).notNull().defaultNow(),
  updated_at: timestamp({ withTimezone: true, precision: 3 }).notNull().defaultNow()
})

export const files = pgTable('files', {
  file_id: uuid().primaryKey(),
  filename: text().notNull(),
  size: bigint({ mode: 'number' }).notNull(),
  content_type: text().notNull(),
  sha256: text().notNull(),
  created_at: timestamp({ withTimezone: true, precision: 3 }).notNull().defaultNow()
})

/** Creates what is not there yet. One statement each, because PGlite takes one at a time. */
export const CREATE_TABLES = [
  `CREATE TABLE IF NOT EXISTS users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    username text NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    email_verified boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
  )`,
  // Two people are never told apart by upper and lower case alone.
  'CREATE UNIQUE INDEX IF NOT EXISTS users_username_key ON users (lower(username))',
  'CREATE UNIQUE INDEX IF NOT EXISTS users_email_key ON users (lower(email))',
  `CREATE TABLE IF NOT EXISTS files (
    file_id uuid PRIMARY KEY,
    filename text NOT NULL,
    size bigint NOT NULL,
    content_type text NOT NULL,
    sha256 text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now()
  )`
]
