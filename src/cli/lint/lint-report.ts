import type { Profile } from '../../rules/rule.js'
import type { SourcePosition } from '../app/source-position.js'

/** What a route does with a resource. A route that reads one is its canonical route. */
export type Role = 'reads' | 'creates' | 'updates' | 'deletes'

/** A route, as the report shows it. */
export interface LintedRoute {
  methods: string[]
  url: string
  /** Empty if the route has nothing to do with a resource or a 201. */
  roles: Role[]
  /** What goes with the roles: `canonical route GET /users/:id`, `If-Match required`, … */
  details: string[]
  position?: SourcePosition
  /** The package that declares the route, unless the app itself does. */
  packageName?: string
}

/** A rule that the app breaks. */
export interface LintFinding {
  rule: string
  severity: 'warn' | 'error'
  found: string
  required: string
  /** How to fix it: mostly a line of code. */
  fix: string
  spec: string
  /** `undefined` if the finding is about the whole app. */
  route?: LintedRoute
}

export interface LintReport {
  command: 'lint'
  target: string
  profile: Profile
  /** The version that the app uses. */
  fastify: string
  notes: string[]
  routes: LintedRoute[]
  findings: LintFinding[]
}
