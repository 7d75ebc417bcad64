import * as v from 'valibot';
import { beforeAll } from 'vitest';
import { Conversation, Group, Session } from '../../../../app/contract/http-api.ts';
import { openSocket, type TestSocket } from './test-socket.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export const call = async (
  url: string,
  method: string,
  path: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> => {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      // A kept connection may be closed by the server just as it is used again, where the machine is busy.
      connection: 'close',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
};

/** Someone with an account who is signed in. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly token: string;
  /** Everything the API has answered to this person, byte for byte. */
  readonly answers: string[];
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The parsed answer, checked against the contract; a test that needs another status uses `call`. */
  get<Schema extends v.GenericSchema>(
    schema: Schema,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<v.InferOutput<Schema>>;
  connect(): Promise<TestSocket>;
}

const personOf = (url: string, session: Session): Person => {
  const { accessToken: token, user } = session;
  const answers: string[] = [];
  const person: Person = {
    ...user,
    token,
    answers,
    async call(method, path, body) {
      const answer = await call(url, method, path, { token, body });
      answers.push(answer.text);
      return answer;
    },
    async get(schema, method, path, body) {
      const { status, text } = await person.call(method, path, body);
      if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`);
      return v.parse(schema, JSON.parse(text));
    },
    connect: () => openSocket(url, token),
  };
  return person;
};

export const PASSWORD = 'a long enough password';

let peopleCount = 0;

/** Someone new, whose address nobody had before. */
export const signUp = async (url: string, name: string): Promise<Person> => {
  peopleCount++;
  const body = { name, email: `${name.toLowerCase()}.${peopleCount}@people.test`, password: PASSWORD };
  const { status, text } = await call(url, 'POST', '/api/users', { body });
  if (status !== 201) throw new Error(`Sign-up answered ${status}: ${text}`);
  return personOf(url, v.parse(Session, JSON.parse(text)));
};

export const signIn = async (url: string, email: string, password: string): Promise<Person> => {
  const { status, text } = await call(url, 'POST', '/api/session', { body: { email, password } });
  if (status !== 200) throw new Error(`Sign-in answered ${status}: ${text}`);
  return personOf(url, v.parse(Session, JSON.parse(text)));
};

/** People for all tests of a file. Signing up is slow on purpose (scrypt), so it is done once. */
export const sharedPeople = <Name extends string>(
  server: { readonly url: string },
  ...names: Name[]
): Readonly<Record<Name, Person>> => {
  const people = {} as Record<Name, Person>;
  beforeAll(async () => {
    await Promise.all(
      names.map(async (name) => {
        people[name] = await signUp(server.url, name);
      }),
    );
  });
  return people;
};

/** A group of the first person with all the others in it. */
export const groupOf = async (name: string, owner: Person, ...others: Person[]): Promise<Group> => {
  const { id } = await owner.get(Group, 'POST', '/api/groups', { name });
  for (const other of others) {
    await owner.get(v.object({}), 'POST', `/api/groups/${id}/invitations`, { email: other.email });
    const invitations = await other.get(
      v.array(v.object({ id: v.string(), groupId: v.string() })),
      'GET',
      '/api/invitations',
    );
    const invitation = invitations.find(({ groupId }) => groupId === id);
    await other.get(Group, 'POST', `/api/invitations/${invitation?.id}/accept`);
  }
  return owner.get(Group, 'GET', `/api/groups/${id}`);
};

export const conversationsOf = (person: Person): Promise<Conversation[]> =>
  person.get(v.array(Conversation), 'GET', '/api/conversations');

/** The person's conversation in a group, in one part. */
export const conversationOf = async (
  person: Person,
  groupId: string,
  role: 'giver' | 'recipient',
): Promise<Conversation> => {
  const found = (await conversationsOf(person)).find((one) => one.groupId === groupId && one.role === role);
  if (found === undefined) throw new Error(`${person.name} is no ${role} in this group.`);
  return found;
};

/** A drawn group of three, seen from its owner: who they give to, who is the third, and the room of the two. */
export const drawnGroup = async (giver: Person, second: Person, third: Person) => {
  const group = await groupOf('Winter', giver, second, third);
  await giver.get(Group, 'POST', `/api/groups/${group.id}/raffle`);
  const { id: conversationId, partnerId } = await conversationOf(giver, group.id, 'giver');
  const [recipient, other] = partnerId === second.id ? [second, third] : [third, second];
  return { group, giver, recipient, other, conversationId };
};
