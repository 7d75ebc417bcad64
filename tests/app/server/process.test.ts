import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { rawPeer } from '../../attack/support/raw-peer.ts';
import { signIn } from './support/person.ts';
import { bundledCli, spawnServer } from './support/server-process.ts';
import { temporaryFolder } from './support/test-server.ts';

const cli = bundledCli();

const reaches = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

describe('the server as a process', () => {
  it('says where it runs and how to sign in as two people; Ctrl-C closes sockets with 1012 and exits with 0', async () => {
    const server = spawnServer(cli.file, { PORT: '0', DATA_DIR: await temporaryFolder() });
    const url = await server.url;
    expect(server.output.stdout).toContain('ada@demo.test');
    expect(server.output.stdout).toContain('ben@demo.test');
    expect(server.output.stdout).toContain('demo-secret');
    const ada = await signIn(url, 'ada@demo.test', 'demo-secret');
    const socket = await ada.connect();
    server.child.kill('SIGINT');
    // npm hands the same Ctrl-C on: that is no second one.
    server.child.kill('SIGINT');
    expect((await socket.closed).code).toBe(1012);
    expect(await server.exit).toBe(0);
    expect(server.output.stderr).toBe('');
  });

  it('waits for a request that is under way, and exits at once with 130 when Ctrl-C is pressed again', async () => {
    const server = spawnServer(cli.file, { PORT: '0', DATA_DIR: await temporaryFolder(), DEMO_DATA: 'off' });
    const request = connect(Number(new URL(await server.url).port), 'localhost');
    onTestFinished(() => void request.destroy());
    request.on('error', () => {}); // it is cut off
    await new Promise<void>((written) => {
      request.write(
        'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
        () => written(),
      );
    });
    server.child.kill('SIGINT');
    const presses = setInterval(() => server.child.kill('SIGINT'), 100);
    expect(await server.exit).toBe(130);
    clearInterval(presses);
    expect(server.output.stdout).toContain('Press Ctrl-C again to stop at once.');
    expect(server.output.stderr).toBe('');
  });

  it('stops at SIGTERM as well', async () => {
    const server = spawnServer(cli.file, { PORT: '0', DATA_DIR: await temporaryFolder(), DEMO_DATA: 'off' });
    await server.url;
    expect(server.output.stdout).not.toContain('demo');
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
  });

  it('comes back with its data after kill -9', async () => {
    const DATA_DIR = await temporaryFolder();
    const first = spawnServer(cli.file, { PORT: '0', DATA_DIR });
    const before = await signIn(await first.url, 'ada@demo.test', 'demo-secret');
    first.child.kill('SIGKILL');
    await first.exit;
    const second = spawnServer(cli.file, { PORT: '0', DATA_DIR });
    const response = await fetch(`${await second.url}/api/session`, {
      headers: { authorization: `Bearer ${before.token}` },
    });
    expect(await response.json()).toMatchObject({ id: before.id, name: 'Ada' });
  });

  it('says in one line that the port is taken, and exits with 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, resolve));
    onTestFinished(() => {
      other.close();
    });
    const { port } = other.address() as AddressInfo;
    const server = spawnServer(cli.file, {
      PORT: String(port),
      DATA_DIR: await temporaryFolder(),
      DEMO_DATA: 'off',
    });
    expect(await server.exit).toBe(1);
    expect(server.output.stderr).toMatch(/^Port \d+ is taken by another program\..*\n$/);
  });

  it('says in one line that the data folder cannot be used, and exits with 1', async () => {
    const folder = await temporaryFolder();
    const notAFolder = join(folder, 'file');
    await writeFile(notAFolder, '');
    const refuses = async (DATA_DIR: string) => {
      const server = spawnServer(cli.file, { PORT: '0', DATA_DIR });
      expect(await server.exit, DATA_DIR).toBe(1);
      expect(server.output.stderr).toMatch(/^The data folder .* cannot be used \(.*\)\. .*\n$/);
    };
    await Promise.all([notAFolder, join(notAFolder, 'data'), '/proc/redngift'].map(refuses));
  });

  it('says in one line that a PORT is no port', async () => {
    const DATA_DIR = await temporaryFolder();
    const refuses = async (PORT: string) => {
      const server = spawnServer(cli.file, { PORT, DATA_DIR });
      expect(await server.exit, PORT).toBe(1);
      expect(server.output.stderr).toBe(`PORT must be a whole number from 0 to 65535, and not "${PORT}".\n`);
    };
    await Promise.all(['http', '70000', '-1', '3e3'].map(refuses));
  });

  it('lets no other computer in while the demo users exist, whose password is public, and says so', async () => {
    const server = spawnServer(cli.file, { PORT: '0', DATA_DIR: await temporaryFolder() });
    const port = Number(new URL(await server.url).port);
    expect(server.output.stdout).toContain('Only this computer reaches it, because that password is public.');
    expect(server.output.stdout).toContain('HOST=0.0.0.0 npm start');
    // Another address of this computer stands for that of the network, which not every machine has.
    expect(await reaches('127.0.0.1', port)).toBe(true);
    expect(await reaches('127.0.0.2', port)).toBe(false);
  });

  it('serves no page of a stranger whose name points to this computer (DNS rebinding), unless HOST is set', async () => {
    const ask = async (url: string, host: string) => {
      const port = Number(new URL(url).port);
      const peer = await rawPeer(port, { from: '127.0.0.1' });
      await peer.write(`GET /api/session HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      await peer.left;
      return /^HTTP\/1\.1 (\d+)/.exec(peer.heard)?.[1];
    };
    const dial = async (url: string, host: string) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/connect/guess/`, {
        headers: { host, origin: `http://${host}` },
      });
      return new Promise((resolve) => socket.on('close', resolve));
    };
    const server = spawnServer(cli.file, { PORT: '0', DATA_DIR: await temporaryFolder() });
    const url = await server.url;
    const { port } = new URL(url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, '[::1]', 'LOCALHOST']) {
      expect(await ask(url, host), host).toBe('401');
      expect(await dial(url, host), host).toBe(4401);
    }
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      'evil-localhost',
      'evil.127.0.0.1',
      '127.0.0.1.evil.example',
    ]) {
      expect(await ask(url, host), host).toBe('421');
      expect(await dial(url, host), host).toBe(4403);
    }
    const open = spawnServer(cli.file, { PORT: '0', HOST: '127.0.0.1', DATA_DIR: await temporaryFolder() });
    expect(await ask(await open.url, 'redngift.example')).toBe('401');
  });

  it('listens where HOST says, demo users or not, and warns of their password', async () => {
    const server = spawnServer(cli.file, { PORT: '0', HOST: '0.0.0.0', DATA_DIR: await temporaryFolder() });
    const port = Number(new URL(await server.url).port);
    expect(server.output.stdout).toContain('Whoever reaches it can sign in with that password');
    expect(server.output.stdout).not.toContain('Only this computer');
    for (const host of ['127.0.0.1', '127.0.0.2']) expect(await reaches(host, port), host).toBe(true);
    const second = spawnServer(cli.file, {
      PORT: '0',
      HOST: '127.0.0.3',
      DATA_DIR: await temporaryFolder(),
      DEMO_DATA: 'off',
    });
    const url = new URL(await second.url);
    expect(url.hostname).toBe('127.0.0.3');
    expect(await reaches('127.0.0.3', Number(url.port))).toBe(true);
    expect(await reaches('127.0.0.1', Number(url.port))).toBe(false);
    expect(second.output.stdout).not.toContain('password');
  });

  it('says in one line that a HOST is no address of this computer', async () => {
    const refuses = async (HOST: string) => {
      const DATA_DIR = await temporaryFolder();
      const server = spawnServer(cli.file, { PORT: '0', HOST, DATA_DIR, DEMO_DATA: 'off' });
      expect(await server.exit, HOST).toBe(1);
      expect(server.output.stderr).toBe(
        `HOST must be an address of this computer, and not "${HOST}". All of them: HOST=0.0.0.0 npm start\n`,
      );
    };
    // 192.0.2.0/24 is for documents: nobody has it.
    await Promise.all(['192.0.2.1', 'no.such.host.invalid'].map(refuses));
  });
});
