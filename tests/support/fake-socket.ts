export { createFakeServer, FakeSocket } from 'statesocket/testing';
