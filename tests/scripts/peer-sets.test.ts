import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { PEER_SETS } from '../../scripts/peer-sets.mjs';

/** `react@18.2.0` and `react@~18.2.0` are both 18.2. */
const tried = PEER_SETS.flatMap(({ name, peers }) =>
  peers.map((peer) => {
    const at = peer.lastIndexOf('@');
    const [major, minor] = peer
      .slice(at + 1)
      .replace('~', '')
      .split('.');
    return { set: name, peer: peer.slice(0, at), major, minor };
  }),
);

const ranges = Object.entries(packageJson.peerDependencies).map(([peer, range]) => ({
  peer,
  range,
  versions: [...range.matchAll(/(?:\^|>=)(\d+)\.(\d+)/g)].map(([, major, minor]) => ({ major, minor })),
}));

it.each(ranges)(
  '$peer $range: the oldest of it and each of its majors are tried by check:peers',
  ({ peer, versions }) => {
    expect(versions).not.toEqual([]);
    const ofPeer = tried.filter((each) => each.peer === peer);
    const oldest = ofPeer.filter(({ set }) => set.includes('oldest'));
    expect(oldest).toEqual([expect.objectContaining(versions[0])]);
    for (const { major, minor } of versions) {
      const isTried = ofPeer.some((each) => each.major === major && (major !== '0' || each.minor === minor));
      expect([major, minor, isTried]).toEqual([major, minor, true]);
    }
  },
);
