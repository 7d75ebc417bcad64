import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connectionPaths, createChartCoverage } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { textOf } from '../../scripts/statecharts/chart-words.ts';
import { describeStatechart } from '../../scripts/statecharts/describe-statechart.ts';
import { drawPicture, drawStatechart } from '../../scripts/statecharts/draw-statechart.tsx';
import { layOutChart } from '../../scripts/statecharts/lay-out-chart.ts';
import { machineFiles, projectMachines } from '../../scripts/statecharts/project-machines.ts';
import { readChart, statesOf } from '../../scripts/statecharts/read-chart.ts';
import { writePicture } from '../../scripts/statecharts/write-picture.ts';
import { type Box, type ChartPicture, wordsOf } from '../../src/inspect/picture/chart-picture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const machines = await projectMachines(root);
const pathsOf = (name: string) => (name === 'connection' ? connectionPaths() : []);

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Which labels lie on something else that is to be read. */
const collisionsIn = ({ arrows, states }: ChartPicture): string[] => {
  const labels = arrows.map(({ label, transitions: [first] }) => ({ name: first ?? '', box: label }));
  const leaves = states.filter(({ isGroup }) => !isGroup);
  const taken = [
    ...labels,
    ...leaves.map(({ id, ...box }) => ({ name: id, box })),
    ...states.flatMap((state) => wordsOf(state).map((box) => ({ name: `words of ${state.id}`, box }))),
  ];
  return labels.flatMap((label) =>
    taken
      .filter((other) => other !== label && overlap(label.box, other.box))
      .map((other) => `${label.name} lies on ${other.name}`),
  );
};

const decoded = (svg: string): string =>
  svg.replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&');

describe('the machines of this project', () => {
  it('are those that stately.config.json includes', () => {
    expect(machineFiles(root).map((file) => file.slice(root.length))).toEqual([
      'machines/connection.machine.ts',
      'machines/delivery.machine.ts',
      'machines/outbox.machine.ts',
    ]);
    expect(machines.map(({ name, machine }) => [name, machine.id])).toEqual([
      ['connection', 'connection'],
      ['delivery', 'delivery'],
      ['outbox', 'outbox'],
    ]);
  });
});

describe.each(machines)('the picture of $name', ({ name, machine }) => {
  const chart = readChart(machine);
  const states = statesOf(chart);
  const transitions = states.flatMap((state) => state.transitions);
  const laidOut = layOutChart(chart);

  it('is the one that the machine draws', async () => {
    await expect(await drawStatechart(machine)).toMatchFileSnapshot(`../../docs/statecharts/${name}.svg`);
  });

  it('is what the inspector draws', async () => {
    const file = `../../src/inspect/picture/${name}.json`;
    await expect(writePicture(await laidOut)).toMatchFileSnapshot(file);
  });

  it('has a list beside it that the machine writes', async () => {
    const list = describeStatechart(name, machine, pathsOf(name));
    await expect(list).toMatchFileSnapshot(`../../docs/statecharts/${name}.md`);
    for (const { id } of states.slice(1)) expect(list).toContain(`| \`${id}\``);
    if (pathsOf(name).length === 0) return;
    // All but the end, of which an app is told nothing.
    expect(list).toContain(`take ${transitions.length - 1} of ${transitions.length} transitions`);
    expect(list.split('\n').filter((line) => line.includes('**none**'))).toEqual([
      expect.stringContaining('`user.dispose`'),
    ]);
  }, 120_000);

  it('reads every transition that the chart has, always included', () => {
    expect(transitions).toHaveLength(createChartCoverage(machine).all().length);
    expect(new Set(transitions.map(({ id }) => id)).size).toBe(transitions.length);
    expect(transitions.some(({ trigger }) => trigger === null)).toBe(name === 'connection');
  });

  it('shows every state and every transition, with event, guard and delay', async () => {
    const picture = await laidOut;
    const svg = decoded(drawPicture(picture));
    expect(picture.states.map(({ id }) => id)).toEqual(states.map(({ id }) => id));
    for (const state of states) {
      expect(svg).toContain(`>${state.name}</text>`);
      if (state.description !== null) expect(svg).toContain(state.description);
    }
    for (const { name, source, target, trigger, guard } of transitions) {
      const arrow = picture.arrows.find((each) => each.transitions.includes(name));
      const lines = picture.states.find(({ id }) => id === source)?.lines ?? [];
      const inBox = lines.find(({ transition }) => transition === name);
      const written =
        arrow === undefined
          ? (inBox?.text ?? '')
          : arrow.lines
              .filter(({ transition }) => transition === name)
              .map(textOf)
              .join('\n');
      if (arrow !== undefined) expect(arrow.way).toMatch(/^M[\d.]+ [\d.]+[LQ]/);
      else if (target !== null) expect(inBox).toMatchObject({ to: target });
      for (const part of [trigger, guard]) {
        if (part === null) continue;
        expect(written).toContain(part);
        expect(svg).toContain(part);
      }
    }
  });

  it('lets no label overlap another label, a leaf state or the words of a state', async () => {
    const layout = await laidOut;
    expect(collisionsIn(layout)).toEqual([]);
    const [first, second] = layout.arrows;
    if (first === undefined || second === undefined) throw new Error('there are two arrows');
    expect(first.label.width).toBeGreaterThan(0);
    const moved = { ...layout, arrows: [{ ...first, label: second.label }, ...layout.arrows.slice(1)] };
    expect(collisionsIn(moved)).not.toEqual([]);
  });

  it('keeps every state inside the one it belongs to', async () => {
    const { states: placed } = await laidOut;
    const byId = new Map(placed.map((state) => [state.id, state]));
    for (const { id: parentId, children } of states) {
      for (const { id } of children) {
        const parent = byId.get(parentId);
        const child = byId.get(id);
        if (parent === undefined || child === undefined) throw new Error(`${id} is not placed`);
        expect(child.x).toBeGreaterThan(parent.x);
        expect(child.y).toBeGreaterThan(parent.y);
        expect(child.x + child.width).toBeLessThan(parent.x + parent.width);
        expect(child.y + child.height).toBeLessThan(parent.y + parent.height);
      }
    }
  });

  it('asks for nothing from elsewhere and runs no script', () => {
    const svg = readFileSync(`${root}docs/statecharts/${name}.svg`, 'utf8');
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|<script|<image|@import|href/,
    );
    expect(svg).toContain('prefers-color-scheme:dark');
  });
});

describe('a chart that the project does not have yet', () => {
  it('is drawn too: parallel regions, exits, a name that needs escaping', async () => {
    const machine = createMachine({
      id: 'other',
      type: 'parallel',
      states: {
        left: {
          initial: 'a<b',
          states: { 'a<b': { exit: 'leave', on: { go: 'done' } }, done: { type: 'final' } },
        },
        right: { description: 'The other "side".' },
      },
    });
    const svg = await drawStatechart(machine);
    expect(svg).toContain('a&lt;b</text>');
    expect(svg).toContain('The other &quot;side&quot;.');
    expect(svg).toContain('parallel');
    expect(svg).not.toContain('any state');
    expect(describeStatechart('other', machine)).toContain('on exit `leave`');
    const untaken = describeStatechart('other', machine, [{ title: 'nothing', transitions: [] }]);
    expect(untaken).toContain('take 0 of 1 transitions');
    expect(untaken).toContain('**none**');
  });
});
