// The tour of the README through the generated TypeScript client. Its argument is the demo's `demo.json`.

import {
  APIKeysApi,
  Configuration,
  ResponseError,
  Role,
  ServiceAccountsApi,
  SignInApi,
  UsersApi,
  type NewUser,
  type Problem,
} from './client';

// What Node.js gives, of which the tour needs no more types than these.
declare const process: { argv: string[]; exitCode: number };
declare function require(file: string): unknown;

interface Person {
  email: string;
  password: string;
}

interface Demo {
  url: string;
  tenants: { admin: Person }[];
}

const demo = require(process.argv[2]!) as Demo;
const [acme, globex] = demo.tenants;

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

const as = (accessToken?: string) => new Configuration({ basePath: demo.url, accessToken });

async function signIn({ email, password }: Person) {
  const session = await new SignInApi(as()).authLogin({ login: { email, password } });
  demand(session.status === 'signed_in', session.status);
  return session;
}

/** Demands that a call is refused with this problem. */
async function problem(status: number, code: string, call: Promise<unknown>): Promise<void> {
  const refused: unknown = await call.then(() => undefined, (error: unknown) => error);
  demand(refused instanceof ResponseError, `${code} was expected, and not ${refused}`);
  const document = (await refused.response.json()) as Problem;
  demand(document.status === status && document.code === code, JSON.stringify(document));
}

async function tour(): Promise<void> {
  demand(acme !== undefined && globex !== undefined, 'the demo has two tenants');
  const session = await signIn(acme.admin);
  demand(session.user.email === acme.admin.email && session.user.tenantRole === Role.Admin, 'who signed in');
  const admin = as(session.accessToken);
  const users = new UsersApi(admin);

  // A list, page by page.
  const emails: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await users.usersList({ limit: 2, cursor, sort: new Set(['email']) });
    demand(page.data.length <= 2, 'a page holds two');
    emails.push(...page.data.map((user) => user.email));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  demand(emails.length > 2 && emails.join() === [...emails].sort().join(), emails.join());
  const counted = await users.usersList({ limit: 1, includeTotal: true });
  demand(counted.total === emails.length, `${counted.total} were counted`);

  // The same request under the same key is done once.
  const newUser: NewUser = { email: 'zoe.ts@acme.example', fullName: 'Zoe Zimmer', tenantRole: Role.Reader };
  const zoe = await users.usersCreate({ newUser, idempotencyKey: 'tour-ts' });
  const again = await users.usersCreateRaw({ newUser, idempotencyKey: 'tour-ts' });
  demand((await again.value()).id === zoe.id, 'the first answer came again');
  demand(again.raw.headers.get('Idempotency-Replayed') === 'true', 'and said so');
  await problem(409, 'already_exists', users.usersCreate({ newUser }));

  // A change of what was read, and of nothing else.
  const read = await users.usersGetRaw({ userId: zoe.id });
  const ifMatch = read.raw.headers.get('ETag') ?? undefined;
  demand(ifMatch !== undefined, 'a user has a tag');
  const changed = await users.usersUpdate({ userId: zoe.id, userPatch: { fullName: 'Zoe Zander' }, ifMatch });
  demand(changed.fullName === 'Zoe Zander' && changed.email === newUser.email, JSON.stringify(changed));
  await problem(412, 'version_mismatch', users.usersUpdate({ userId: zoe.id, userPatch: { locale: 'de' }, ifMatch }));

  // The other tenant gets the answer of an id that does not exist.
  const others = new UsersApi(as((await signIn(globex.admin)).accessToken));
  await problem(404, 'not_found', others.usersGet({ userId: zoe.id }));

  const found = await users.usersList({ filter: 'tenant_role eq "reader" and email sw "zoe.ts"' });
  demand(found.data.length === 1 && found.data[0]?.id === zoe.id, JSON.stringify(found));
  await problem(400, 'invalid_filter', users.usersList({ filter: 'colour eq 1' }));

  // Many changes at once: what can be done is done, and the rest is told.
  const { results } = await users.usersBatch({
    userBatch: {
      atomic: false,
      operations: [
        { op: 'create', data: { email: 'bob.ts@acme.example' } },
        { op: 'update', id: zoe.id, data: { fullName: 'Zoe' } },
        { op: 'create', data: newUser },
      ],
    },
  });
  demand(results.map((result) => result.status).join() === '201,200,409', JSON.stringify(results));
  demand(results[2]?.error?.code === 'already_exists', JSON.stringify(results));
  const unmatched = { op: 'delete', id: results[0]?.id ?? '', ifMatch: '"none"' } as const;
  await problem(422, 'batch_failed', users.usersBatch({ userBatch: { atomic: true, operations: [unmatched] } }));

  // A program with a key that may read users, and nothing else.
  const account = await new ServiceAccountsApi(admin).serviceAccountsCreate({
    newServiceAccount: { name: 'Tour in TypeScript', permissions: ['users:read'] },
  });
  const issued = await new APIKeysApi(admin).serviceAccountsApiKeysCreate({
    serviceAccountId: account.id,
    newApiKey: { name: 'tour' },
  });
  const program = new UsersApi(as(issued.key));
  demand((await program.usersGet({ userId: zoe.id })).fullName === 'Zoe', 'the key reads');
  await problem(403, 'permission_denied', program.usersDelete({ userId: zoe.id }));

  await new SignInApi(admin).authLogout();
  await problem(401, 'unauthenticated', users.usersList());
}

tour().then(
  () => console.log('the tour is done'),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
