/** The part of the node's table that does not change while the node runs, and the chains that balance, as text for `nft`. */
import { addressAt, parseRange, sizeOf } from '../../plan/ipv4.ts';
import { CHOSEN_BIT, type BalancingChain } from './elements.ts';
import { FRONT_TABLES, type FrontTable } from './front.ts';

export type NodeTable = {
  readonly clusterId: string;
  readonly podCidr: string;
  /** The part of the pod range whose pods run on this node. */
  readonly nodePodCidr: string;
  readonly dnsIp: string;
  /** Whether the machine forwarded packets before any cluster made it; kept here so that the last one to go can restore it. */
  readonly forwardingBefore: 'on' | 'off';
};

export function tableName(clusterId: string): string {
  return `tutti_${clusterId}`;
}

/** Remembers which endpoint a client was given, for fronts with affinity. */
export function clientsMap(table: FrontTable): string {
  return `${table}_clients`;
}

/** Holds the ranges of service addresses, which change while the node runs. */
export const RANGES_SET = 'service_ranges';

/** Its presence in a table says that forwarding was off before. */
export const FORWARDING_NOTE = 'forwarding_was_off';

// A client outside the cluster whose connection went to another node must see the answer come from here.
const FOREIGN_BIT = 0x4000_0000;
const CHOSEN = `0x${CHOSEN_BIT.toString(16)}`;
const FOREIGN = `0x${FOREIGN_BIT.toString(16)}`;

const VIP_KEY = 'ip daddr . meta l4proto . th dport';
const PORT_KEY = 'meta l4proto . th dport';
const PORTED = 'meta l4proto { tcp, udp, sctp }';
// Not `th dport`, though it means the same to the kernel: nft 1.0.6 cannot use such a map in a batch after the one that made it.
const TARGET = 'ip daddr . tcp dport';

/** The table with everything in it but what services and pods put there. */
export function skeletonText(node: NodeTable): string {
  return `table ip ${tableName(node.clusterId)} {
${FRONT_TABLES.map(frontMaps).join('\n')}
set refused_vips { typeof ${VIP_KEY}; }
set guarded_vips { typeof ${VIP_KEY}; }
set allowed_sources { typeof ${VIP_KEY} . ip saddr; flags interval; }
set refused_ports { typeof ${PORT_KEY}; }
set ${RANGES_SET} { type ipv4_addr; flags interval; }
set own_pods { typeof ip saddr . ip daddr; elements = { ${ownPods(node.nodePodCidr).join(', ')} } }
${node.forwardingBefore === 'off' ? `chain ${FORWARDING_NOTE} { }` : ''}
${natChains(node)}
${filterChains(node)}
}
`;
}

function frontMaps(table: FrontTable): string {
  const key = keyOf(table);
  return [
    `map ${table} { typeof ${key} : verdict; }`,
    `map ${table}_targets { typeof ${key} . numgen random mod 65536 : ${TARGET}; }`,
    `map ${table}_marks { typeof ${key} . numgen random mod 65536 : meta mark; }`,
    `map ${table}_marked { typeof ${key} . meta mark : ${TARGET}; }`,
    `map ${clientsMap(table)} { typeof ip saddr . ${key} : meta mark; flags dynamic,timeout; size 65536; }`,
  ].join('\n');
}

// Before Linux 6.17 a packet on another processor can find neither the old nor the new value of a key while a batch of changes takes
// effect. What misses is looked up a second time: a connection must not be refused because of it.
const TWICE = [1, 2] as const;

// What comes from a pod (the plugin names their links so) and not from ours is of another cluster on this machine: it reaches what we
// publish, as anybody does, and nothing inside.
const fromForeignPods = (podCidr: string): string => `iifname "veth*" ip saddr != ${podCidr}`;

function natChains({ podCidr, nodePodCidr }: NodeTable): string {
  const toNode = 'ip daddr != 127.0.0.0/8 fib daddr type local';
  const dispatch = (vips: FrontTable, ports: FrontTable): string =>
    TWICE.map(() => `  ${VIP_KEY} vmap @${vips}\n  ${toNode} ${PORT_KEY} vmap @${ports}`).join('\n');
  return `chain outer {
${dispatch('outer_vips', 'outer_ports')}
}
chain inner {
${dispatch('vips', 'ports')}
}
chain arriving {
  type nat hook prerouting priority -100;
  ${VIP_KEY} @guarded_vips ${VIP_KEY} . ip saddr != @allowed_sources drop
  ${fromForeignPods(podCidr)} ip daddr @${RANGES_SET} return
  ip saddr != ${podCidr} jump outer
  jump inner
}
chain starting {
  type nat hook output priority -100;
  jump inner
}
chain take_off_marks {
  meta mark and ${CHOSEN} == 0 return
  ip saddr ${podCidr} meta mark set 0 return
  meta mark set ${FOREIGN}
}
chain arrived {
  type filter hook prerouting priority -95;
  jump take_off_marks
}
chain started {
  type filter hook output priority -95;
  jump take_off_marks
}
chain leaving {
  type nat hook postrouting priority 100;
  oifname "lo" accept
  ip saddr . ip daddr @own_pods masquerade fully-random
  meta mark and ${FOREIGN} != 0 ip daddr != ${nodePodCidr} masquerade fully-random
  ip saddr ${nodePodCidr} ip daddr != { ${podCidr}, 224.0.0.0/4 } ip daddr != @${RANGES_SET} masquerade fully-random
}`;
}

// A packet that the kernel cannot place in its connection is not translated back. Let through, it would reach the client from an
// address the client never spoke to, and the client would end the connection.
function filterChains({ podCidr, dnsIp }: NodeTable): string {
  const unplaced = `ct state invalid ip saddr ${podCidr} drop`;
  const refused = `ct state new ${VIP_KEY} @refused_vips goto refuse`;
  return `chain refuse {
  meta l4proto tcp reject with tcp reset
  reject with icmp port-unreachable
}
chain coming_in {
  type filter hook input priority 0;
  ${unplaced}
  ${fromForeignPods(podCidr)} ip daddr ${dnsIp} goto refuse
  iifname != "lo" ip daddr ${dnsIp} ${PORTED} th dport != 53 goto refuse
  ${refused}
  ct state new ip daddr != 127.0.0.0/8 ${PORT_KEY} @refused_ports goto refuse
}
chain passing {
  type filter hook forward priority 0;
  ${unplaced}
  ip daddr @${RANGES_SET} goto refuse
  ${fromForeignPods(podCidr)} ip daddr ${podCidr} ct status & dnat == 0 goto refuse
  ${refused}
}
chain going_out {
  type filter hook output priority 0;
  ip daddr @${RANGES_SET} fib daddr type != local goto refuse
  ${refused}
}`;
}

/** The rules of a chain that spreads connections over so many endpoints. */
export function chainText({ name, table, size, affinitySeconds }: BalancingChain, podCidr: string): string {
  const rules =
    affinitySeconds === undefined ? freeRules(table, size, podCidr) : stickyRules(table, size, affinitySeconds);
  return `chain ${name} {\n${rules.map((rule) => `  ${rule}\n`).join('')}}`;
}

function freeRules(table: FrontTable, size: number, podCidr: string): readonly string[] {
  const choose = sizesToTry(size).flatMap((among) =>
    translate(`${keyOf(table)} . numgen random mod ${among} map @${table}_targets`),
  );
  return isOuter(table) ? choose : [`ip saddr != ${podCidr} meta mark set meta mark or ${FOREIGN}`, ...choose];
}

// The remembered endpoint may be gone: then the first translation finds nothing and the rules below choose anew.
function stickyRules(table: FrontTable, size: number, seconds: number): readonly string[] {
  const key = keyOf(table);
  const remember = `update @${clientsMap(table)} { ip saddr . ${key} timeout ${seconds}s : meta mark }`;
  const toChosen = translate(`${key} . meta mark map @${table}_marked`);
  return [
    'meta mark set 0',
    `meta mark set ip saddr . ${key} map @${clientsMap(table)}`,
    `meta mark != 0 ${remember}`,
    ...toChosen,
    ...sizesToTry(size).flatMap((among) => [
      // An update alone would leave the old mark with a new time limit.
      `delete @${clientsMap(table)} { ip saddr . ${key} : meta mark }`,
      `meta mark set ${key} . numgen random mod ${among} map @${table}_marks`,
      remember,
      ...toChosen,
    ]),
  ];
}

/** The second time the first endpoint, which is there for as long as there is any: the others may have become fewer. */
function sizesToTry(size: number): readonly number[] {
  return [size, 1];
}

// A port can only be translated where the rule itself says of which protocol.
function translate(target: string): readonly string[] {
  return ['tcp', 'udp', 'sctp'].map((protocol) => `meta l4proto ${protocol} dnat ip to ${target}`);
}

function keyOf(table: FrontTable): string {
  return table === 'vips' || table === 'outer_vips' ? VIP_KEY : PORT_KEY;
}

function isOuter(table: FrontTable): boolean {
  return table === 'outer_vips' || table === 'outer_ports';
}

// A pod that reaches itself through a service would answer itself directly, past the translation; a rule cannot compare two
// fields of a packet, so every address of the node's range is listed with itself.
function ownPods(nodePodCidr: string): readonly string[] {
  const range = parseRange(nodePodCidr);
  return Array.from({ length: sizeOf(range) }, (_, index) => addressAt(range, index)).map((own) => `${own} . ${own}`);
}
