// The network, drawn: payers to the left, payees to the right, money flow by width, circles marked. An
// account is opened by a click or with Enter, which brings its own payments into the picture.

import { useQueries } from "@tanstack/react-query";
import {
  forceCollide,
  forceLink,
  forceSimulation,
  forceX,
  forceY,
  type SimulationLinkDatum,
  type SimulationNodeDatum,
} from "d3-force";
import { useMemo, useState } from "react";
import { useLocation } from "wouter";
import { accountQuery, paymentsQuery } from "../account/queries";
import { about, short } from "../format/money";
import { account as spaced } from "../format/words";
import { accountPath } from "../shell/paths";

import "./network.css";
import { type Edge, type Graph, graph, type Listing, type Node, peeks } from "./graph";

const WIDTH = 960;
/** Room for an account and its label, one above the other. */
const LINE = 20;
const PAYMENTS = 200;
/** Counterparties whose payments are read to find circles, and how many of each. */
const MOST_PEEKED = 8;
const PEEKED_PAYMENTS = 50;
/** Most accounts that are opened. */
const MOST_OPENED = 8;

type Placed = Node & SimulationNodeDatum;

interface Props {
  focal: readonly string[];
  /** Only payments before this time. */
  before?: string;
}

export default function Network({ focal, before }: Props) {
  const [opened, setOpened] = useState<readonly string[]>(focal);
  const [, go] = useLocation();
  const payments = useQueries({
    queries: opened.map((id) => paymentsQuery(id, PAYMENTS, before)),
  });
  const accounts = useQueries({ queries: opened.map((id) => accountQuery(id)) });
  const listings: Listing[] = opened.map((account, n) => ({
    account,
    party: accounts[n]?.data,
    payments: payments[n]?.data?.payments ?? [],
  }));
  const peeked = payments.every((query) => query.isSuccess) ? peeks(listings, MOST_PEEKED) : [];
  const beyond = useQueries({
    queries: peeked.map((id) => paymentsQuery(id, PEEKED_PAYMENTS, before)),
  });
  peeked.forEach((account, n) => {
    const found = beyond[n]?.data?.payments;
    if (found) listings.push({ account, party: undefined, payments: found, isPeek: true });
  });
  const read = [...payments, ...accounts, ...beyond].map((query) => query.dataUpdatedAt).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `read` stands for the queries' data
  const drawn = useMemo(() => place(graph(listings, focal)), [read, opened, focal.join()]);

  if (payments.some((query) => query.isPending)) return <p className="soft">Reading payments…</p>;
  const { nodes, edges, hidden, height } = drawn;
  const most = Math.max(1, ...edges.map((edge) => edge.amount));
  const circles = edges.filter((edge) => edge.inCycle).length;
  const open = (id: string) => {
    if (opened.includes(id) || opened.length >= MOST_OPENED) go(accountPath(id));
    else setOpened([...opened, id]);
  };
  return (
    <figure className="network">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="group" aria-label="Counterparties">
        <defs>
          {["flow", "cycle"].map((kind) => (
            <marker
              key={kind}
              id={`arrow-${kind}`}
              className={kind}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0 0 8 4 0 8z" />
            </marker>
          ))}
        </defs>
        {edges.map((edge) => (
          <Flow key={`${edge.from} ${edge.to}`} edge={edge} nodes={nodes} most={most} />
        ))}
        {[...nodes.values()].map((node) => (
          <Account key={node.id} node={node} isOpen={opened.includes(node.id)} onOpen={open} />
        ))}
      </svg>
      <figcaption className="soft">
        {nodes.size} accounts, {edges.length} flows
        {circles > 0 && `, ${circles} of them in a circle`}
        {hidden > 0 && `; ${hidden} smaller counterparties are not drawn`}. Choose an account to
        bring in its payments; choose it again to open it.
      </figcaption>
    </figure>
  );
}

interface FlowProps {
  edge: Edge;
  nodes: Map<string, Placed>;
  /** The largest flow drawn. */
  most: number;
}

function Flow({ edge, nodes, most }: FlowProps) {
  const [a, b] = [nodes.get(edge.from), nodes.get(edge.to)];
  if (!a || !b) return null;
  const [x1, y1, x2, y2] = [a.x ?? 0, a.y ?? 0, b.x ?? 0, b.y ?? 0];
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const gap = radius(b) + 3;
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  // Bent, so that flows in both directions are two lines.
  const [cx, cy] = [(x1 + x2) / 2 - uy * length * 0.08, (y1 + y2) / 2 + ux * length * 0.08];
  const kind = edge.inCycle ? "cycle" : "flow";
  return (
    <path
      className={kind}
      d={`M${x1} ${y1} Q${cx} ${cy} ${x2 - ux * gap} ${y2 - uy * gap}`}
      strokeWidth={1 + 6 * Math.sqrt(edge.amount / most)}
      markerEnd={`url(#arrow-${kind})`}
    >
      <title>{`${a.label} to ${b.label}: ${edge.count} payments, about ${about(edge.amount, "USD")}`}</title>
    </path>
  );
}

interface AccountProps {
  node: Placed;
  isOpen: boolean;
  onOpen: (id: string) => void;
}

function Account({ node, isOpen, onOpen }: AccountProps) {
  const label = spaced(node.label);
  const shown = label.length > 22 ? `${label.slice(0, 21)}…` : label;
  const side = node.depth < 0 ? "end" : "start";
  const r = radius(node);
  return (
    <g
      role="button"
      tabIndex={0}
      className={node.isFocal ? "account focal" : isOpen ? "account open" : "account"}
      transform={`translate(${node.x ?? 0} ${node.y ?? 0})`}
      aria-label={`${label}, ${node.country}`}
      onClick={() => onOpen(node.id)}
      onKeyDown={(event) => event.key === "Enter" && onOpen(node.id)}
    >
      <title>{`${label} · ${node.country} · flows of about ${short(node.amount)} USD`}</title>
      <circle r={r} />
      <text x={side === "end" ? -r - 4 : r + 4} y={4} textAnchor={side}>
        {shown}
      </text>
    </g>
  );
}

function radius(node: Node): number {
  return node.isFocal ? 9 : 6;
}

interface Drawing {
  nodes: Map<string, Placed>;
  edges: Edge[];
  hidden: number;
  height: number;
}

/** Lays the graph out in columns by depth; the same graph is always drawn the same way. */
function place({ nodes, edges, hidden }: Graph): Drawing {
  const placed: Placed[] = nodes.map((node) => ({ ...node }));
  const links: SimulationLinkDatum<Placed>[] = edges.map(({ from, to }) => ({
    source: from,
    target: to,
  }));
  const depths = placed.map((node) => node.depth);
  const [least, most] = [Math.min(0, ...depths), Math.max(0, ...depths)];
  const middle = (least + most) / 2;
  const step = Math.min(280, (WIDTH - 360) / Math.max(1, most - least));
  const columns = new Map<number, Placed[]>();
  for (const node of placed) {
    const depth = Math.round(node.depth);
    columns.set(depth, [...(columns.get(depth) ?? []), node]);
  }
  const longest = Math.max(...[...columns.values()].map((column) => column.length));
  const height = Math.max(200, LINE * (longest + 1));
  const slots = new Map<Placed, number>();
  for (const column of columns.values()) {
    // The largest flows run through the middle.
    column.sort((a, b) => Number(b.isFocal) - Number(a.isFocal) || b.amount - a.amount);
    column.forEach((node, n) => {
      const away = Math.ceil(n / 2) * (n % 2 === 0 ? -1 : 1);
      slots.set(node, height / 2 + away * LINE);
    });
  }
  forceSimulation(placed)
    .force("x", forceX<Placed>((node) => WIDTH / 2 + (node.depth - middle) * step).strength(1.2))
    .force("y", forceY<Placed>((node) => slots.get(node) ?? height / 2).strength(1))
    .force(
      "link",
      forceLink<Placed, SimulationLinkDatum<Placed>>(links)
        .id((n) => n.id)
        .strength(0),
    )
    .force("collide", forceCollide(LINE / 2))
    .stop()
    .tick(100);
  for (const node of placed) {
    node.x = Math.min(WIDTH - 20, Math.max(20, node.x ?? 0));
    node.y = Math.min(height - 10, Math.max(10, node.y ?? 0));
  }
  return { nodes: new Map(placed.map((node) => [node.id, node])), edges, hidden, height };
}
