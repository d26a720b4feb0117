import { and, eq, gt } from 'drizzle-orm'
import { resource } from 'fastify-created'
import type { Database } from '../database.js'
import { DEFAULT_LIMIT, toPage, type PageQuery } from '../pages.js'
import { MOVED_ON, posts } from '../tables.js'
import type { NewPost } from './schemas.js'

export type Post = typeof posts.$inferSelect

export const post = resource<Post>({ etag: (post) => post.version })

export async function insertPost (db: Database, authorId: string, post: NewPost): Promise<Post> {
  const [inserted] = await db.insert(posts).values({ author_id: authorId, ...toRow(post) }).returning()
  return inserted
}

/** @returns `undefined` where `read` is not the current version any more */
export async function replacePost (db: Database, { id, version }: Post, post: NewPost): Promise<Post | undefined> {
  const isVersion = and(eq(posts.id, id), eq(posts.version, version))
  const [replaced] = await db.update(posts).set({ ...toRow(post), ...MOVED_ON }).where(isVersion).returning()
  return replaced
}

export async function findPost (db: Database, id: string): Promise<Post | undefined> {
  const [post] = await db.select().from(posts).where(eq(posts.id, id))
  return post
}

export async function listPosts (db: Database, { limit = DEFAULT_LIMIT, after }: PageQuery) {
  const isAfter = after === undefined ? undefined : gt(posts.id, after)
  const rows = await db.select().from(posts).where(isAfter).orderBy(posts.id).limit(limit + 1)
  return toPage(rows, limit, (post) => post.id)
}

function toRow ({ title, content, tags = [], publish = false }: NewPost) {
  return { title, content, tags, published: publish }
}
