/** Draws what a decision costs over the number of nodes, which grows to the right by its logarithm. */
import { writeFile } from 'node:fs/promises';
import { RESULTS_FOLDER } from '../results.ts';

export type Curve = {
  readonly name: string;
  readonly points: readonly { readonly nodes: number; readonly microseconds: number }[];
};

const SIZE = { width: 720, height: 400 };
const EDGE = { left: 60, right: 20, top: 40, bottom: 50 };
const COLORS = ['#0b6', '#36c', '#c63'];
const STEPS = 5;

export async function saveCurves(curves: readonly Curve[]): Promise<void> {
  await writeFile(`${RESULTS_FOLDER}decision-cost.svg`, drawing(curves));
}

function drawing(curves: readonly Curve[]): string {
  const points = curves.flatMap((curve) => curve.points);
  const [least, most] = [Math.min(...points.map(({ nodes }) => nodes)), Math.max(...points.map(({ nodes }) => nodes))];
  const highest = Math.max(...points.map(({ microseconds }) => microseconds));
  const plot = { width: SIZE.width - EDGE.left - EDGE.right, height: SIZE.height - EDGE.top - EDGE.bottom };
  const x = (nodes: number): number =>
    Math.round(EDGE.left + (plot.width * Math.log(nodes / least)) / Math.log(most / least));
  const y = (microseconds: number): number => Math.round(EDGE.top + plot.height * (1 - microseconds / highest));
  const nodeTicks = [...new Set(points.map(({ nodes }) => nodes))].map((nodes) =>
    label({ x: x(nodes), y: SIZE.height - EDGE.bottom + 18, anchor: 'middle' }, nodes.toLocaleString('en')),
  );
  const costTicks = Array.from({ length: STEPS + 1 }, (_, step) => (highest * step) / STEPS).map((cost) =>
    label({ x: EDGE.left - 6, y: y(cost) + 4, anchor: 'end' }, cost.toFixed(0)),
  );
  const lines = curves.flatMap(({ name, points: own }, index) => {
    const color = COLORS[index % COLORS.length] ?? 'black';
    const path = own.map(({ nodes, microseconds }) => `${x(nodes)},${y(microseconds)}`).join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
      label({ x: EDGE.left + 10, y: EDGE.top + 16 * (index + 1), anchor: 'start' }, name, color),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE.width}" height="${SIZE.height}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="white"/>',
    label({ x: SIZE.width / 2, y: 20, anchor: 'middle' }, 'Microseconds a decision, by the number of nodes'),
    `<path d="M${EDGE.left},${EDGE.top} V${SIZE.height - EDGE.bottom} H${SIZE.width - EDGE.right}" fill="none" stroke="black"/>`,
    ...nodeTicks,
    ...costTicks,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

type Place = { readonly x: number; readonly y: number; readonly anchor: 'start' | 'middle' | 'end' };

const label = ({ x, y, anchor }: Place, text: string, color = 'black'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${color}">${text}</text>`;
