// A suite of its own for each test file, and a real browser on it.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import AxeBuilder from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SHOTS =
  process.env["SCREENSHOTS"] ?? fileURLToPath(new URL("../screenshots", import.meta.url));

/** The browser; none where it is not installed. */
export const CHROMIUM = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser"]
  .filter((path): path is string => path !== undefined)
  .find(existsSync);

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Options {
  /** Parameters of the template. */
  parameters?: Record<string, string>;
  /** Where data is kept; in memory if absent. */
  dataDir?: string;
  port?: number;
  args?: string[];
}

export class World {
  readonly url: string;
  /** Where the suite's AWS services listen. */
  readonly aws: string;
  /** A token of the developer's; empty if none is needed. */
  readonly token: string;
  readonly #suite: ChildProcess;

  private constructor(suite: ChildProcess, url: string, aws: string, token: string) {
    this.#suite = suite;
    this.url = url;
    this.aws = aws;
    this.token = token;
  }

  static async start({
    parameters = {},
    dataDir,
    port = 0,
    args = [],
  }: Options = {}): Promise<World> {
    const all = ["serve", ...args, ...(dataDir ? ["--data-dir", dataDir] : ["--memory"])];
    for (const [name, value] of Object.entries(parameters))
      all.push("--parameter", `${name}=${value}`);
    const suite = spawn(`${ROOT}/target/debug/sentinel`, all, {
      env: { ...process.env, PORT: String(port) },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let text = "";
    return new Promise((resolve, reject) => {
      suite.once("exit", () => reject(new Error(`the suite ended: ${text}`)));
      suite.stdout?.on("data", (chunk) => {
        text += chunk;
        const url = /Docs:\s+(\S+)\/docs\//.exec(text)?.[1];
        const aws = /AWS endpoint\s+(\S+)/.exec(text)?.[1];
        if (url && aws && text.includes("Ctrl-C")) {
          const token = /every scope, valid for twelve hours:\s+(\S+)/.exec(text)?.[1] ?? "";
          resolve(new World(suite, url, aws, token));
        }
      });
    });
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#suite.once("exit", resolve));
    this.#suite.kill("SIGTERM");
    await ended;
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(this.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Sends a payment and waits for its decision. */
  async decide(payment: unknown): Promise<Record<string, unknown>> {
    const { status, body } = await this.post("/api/v1/transactions", payment, {
      prefer: "wait=15",
    });
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Calls DynamoDB, past the functions. */
  async dynamodb(operation: string, body: unknown): Promise<void> {
    const response = await fetch(this.aws, {
      method: "POST",
      headers: {
        "x-amz-target": `DynamoDB_20120810.${operation}`,
        "content-type": "application/x-amz-json-1.0",
        "x-amz-date": "20260101T000000Z",
        authorization:
          "AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-2/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${operation} ${response.status} ${await response.text()}`);
  }
}

let browser: Promise<Browser> | undefined;

export interface Look {
  dark?: boolean;
  phone?: boolean;
}

/** A person's own browser: its own storage, on the desk. */
export async function context(look: Look = {}): Promise<BrowserContext> {
  browser ??= chromium.launch({ executablePath: CHROMIUM as string, args: FLAGS });
  return (await browser).newContext({
    viewport: look.phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
    colorScheme: look.dark ? "dark" : "light",
    locale: "en-GB",
    timezoneId: "Europe/London",
  });
}

export async function open(world: World, path = "/", look: Look = {}): Promise<Page> {
  const page = await (await context(look)).newPage();
  await page.goto(world.url + path);
  return page;
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

/** Keeps a picture of the page for people to look at. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage });
}

/** The serious findings of axe, in words. */
export async function axe(page: Page): Promise<string[]> {
  await page.evaluate(AxeBuilder.source);
  const { violations } = await page.evaluate(() =>
    // biome-ignore lint/suspicious/noExplicitAny: axe was put into the page
    (window as any).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }),
  );
  return violations
    .filter((found: { impact: string }) => ["serious", "critical"].includes(found.impact))
    .map((found: { id: string; nodes: { html: string; failureSummary: string }[] }) => {
      const node = found.nodes[0];
      return `${found.id}: ${node?.html} ${node?.failureSummary}`;
    });
}

export function payment(id: string, changes: Record<string, unknown> = {}) {
  return {
    msg_id: id,
    timestamp: "2026-01-05T10:00:00Z",
    sender: { account: `${id}-from`, bank_country: "GB" },
    receiver: { account: `${id}-to`, bank_country: "IR" },
    amount: "5000.00",
    currency: "GBP",
    payment_type: "transfer",
    ...changes,
  };
}
