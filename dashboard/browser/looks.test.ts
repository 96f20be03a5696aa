// How the page looks and reads: each view in both themes and on a phone, without serious findings of
// axe, and with ten thousand alerts behind it. Pictures are kept for people to look at.

import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe, CHROMIUM, closeBrowser, open, payment, picture, World } from "./world";

/** A mule that four people pay within an hour, and who passes the money on; and a circle of three. */
function town() {
  const at = (minute: number) =>
    new Date(Date.parse("2026-01-05T10:00:00Z") + minute * 60_000).toISOString();
  const person = (name: string) => ({
    account: name.toLowerCase(),
    bank_country: "GB",
    name,
    segment: "person",
  });
  const pay = (id: string, from: string, to: string, amount: string, minute: number) =>
    payment(id, {
      sender: person(from),
      receiver: person(to),
      amount,
      timestamp: at(minute),
      purpose: "Gift",
    });
  const payers = ["Oliver", "Grace", "Njoroge", "Amelia"];
  return [
    ...payers.map((from, n) => pay(`in-${n}`, from, "Mallory", `${4_900 + n}.00`, n * 10)),
    pay("out-0", "Mallory", "Trent", "9700.00", 50),
    pay("ring-0", "Mallory", "Peggy", "8000.00", 60),
    pay("ring-1", "Peggy", "Victor", "7900.00", 70),
    pay("ring-2", "Victor", "Mallory", "7800.00", 80),
    payment("sanctioned"),
  ];
}

const LOOKS = [
  { name: "light", look: {} },
  { name: "dark", look: { dark: true } },
  { name: "phone", look: { phone: true } },
] as const;

describe.skipIf(!CHROMIUM)("the looks", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    for (const one of town()) await world.decide(one);
  });
  afterAll(async () => {
    await closeBrowser();
    await world?.stop();
  });

  for (const { name, look } of LOOKS) {
    it(`are without serious findings: ${name}`, async () => {
      const page = await open(world, "/", look);
      await page.locator("[data-alert]").first().waitFor();
      expect(await axe(page)).toEqual([]);
      await picture(page, `queue-${name}`);

      await page.locator("[data-alert] a").first().click();
      await page.getByRole("heading", { name: "Money flow" }).waitFor();
      await page.locator(".network svg").waitFor();
      await page.getByText("First payment").nth(1).waitFor();
      // The first explanation is kept, so that there may be one.
      const explain = page.getByRole("button", { name: "Explain in full" });
      if ((await explain.count()) > 0) await explain.click();
      await page.getByRole("heading", { name: "Explanation" }).waitFor();
      expect(await axe(page)).toEqual([]);
      await picture(page, `alert-${name}`, true);

      await page.getByRole("button", { name: "Conclude" }).click();
      await page.getByRole("dialog").getByLabel("False positive").check();
      expect(await axe(page)).toEqual([]);
      await picture(page, `conclude-${name}`);
      await page.keyboard.press("Escape");

      await page.goto(`${world.url}/accounts/GB%20mallory`);
      await page.getByRole("heading", { name: "Mallory" }).waitFor();
      await page.locator(".network path.cycle").first().waitFor();
      expect(await axe(page)).toEqual([]);
      await picture(page, `account-${name}`, true);

      await page.goto(`${world.url}/nowhere`);
      await page.goto(`${world.url}/reviews`);
      await page.getByRole("searchbox", { name: /Filter/ }).waitFor();
      expect(await axe(page)).toEqual([]);
      await page.context().close();
    });
  }

  it("loads and runs nothing that the page's policy forbids", async () => {
    const page = await open(world);
    const faults: string[] = [];
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    page.on("pageerror", (error) => faults.push(error.message));
    await page.goto(world.url);
    await page.locator("[data-alert] a").first().click();
    await page.locator(".network svg").waitFor();
    expect(faults.filter((text) => /policy|refused|error/i.test(text))).toEqual([]);
    await page.context().close();
  });
});

describe.skipIf(!CHROMIUM)("the first view", () => {
  it("takes at most 220 kB of JavaScript", async () => {
    const world = await World.start();
    const page = await open(world);
    await page.getByText("Nothing waits here.").waitFor();
    const scripts = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map((entry) => entry.name)
        .filter((name) => name.endsWith(".js")),
    );
    expect(scripts.length).toBeGreaterThan(0);
    let bytes = 0;
    for (const script of scripts) {
      const response = await fetch(script);
      bytes += gzipSync(Buffer.from(await response.arrayBuffer()), { level: 9 }).length;
    }
    console.log(`the first view takes ${Math.round(bytes / 1000)} kB of JavaScript`);
    expect(bytes).toBeLessThan(220_000);
    await closeBrowser();
    await world.stop();
  });
});

describe.skipIf(!CHROMIUM)("a queue of ten thousand alerts", () => {
  const MANY = 10_000;
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    await fill(world, MANY);
  }, 240_000);
  afterAll(async () => {
    await closeBrowser();
    await world?.stop();
  });

  it("is on the screen at once, and is scrolled to its end", async () => {
    const page = await open(world, "/favicon.ico");
    const from = Date.now();
    await page.goto(world.url);
    await page.locator("[data-alert]").first().waitFor();
    const paint = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    );
    console.log(
      `first paint after ${Math.round(paint)} ms, first rows after ${Date.now() - from} ms`,
    );
    await page.getByText(`${MANY.toLocaleString("en-GB")} of`).waitFor();
    console.log(`all ${MANY} alerts known after ${Date.now() - from} ms`);
    const rows = page.locator(".rows");
    // Only what is in sight is in the document.
    expect(await page.locator("[data-alert]").count()).toBeLessThan(60);
    await rows.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.locator(`[aria-rowindex="${MANY}"]`).waitFor();
    await page.getByRole("searchbox", { name: /Filter/ }).fill("many-09999");
    await expect.poll(() => page.locator("[data-alert]").count()).toBe(1);
    await page.context().close();
  });
});

/** Puts alerts into the table as score writes them. */
async function fill(world: World, count: number): Promise<void> {
  const S = (text: string) => ({ S: text });
  const item = (n: number) => {
    const id = `many-${String(n).padStart(5, "0")}`;
    const created = new Date(Date.parse("2026-01-05T00:00:00Z") + n * 1000)
      .toISOString()
      .replace("Z", "000Z");
    const severity = (["medium", "high", "critical"] as const)[n % 3] as string;
    const score = [0.45, 0.7, 0.95][n % 3] as number;
    const party = (side: string) => ({
      account: `${id}-${side}`,
      account_id: `GB ${id}-${side}`,
      country: "GB",
    });
    const body = {
      alert_id: `al_${id}`,
      msg_id: id,
      score,
      severity,
      level: "model",
      review: null,
      typologies: ["fan_in"],
      explanation: "Alert: Eleven payers paid the receiver within seven days.",
      payment: {
        timestamp: "2026-01-05T10:00:00Z",
        amount: "900.00",
        currency: "GBP",
        base_amount: 1191,
        payment_type: "transfer",
        sender: party("from"),
        receiver: party("to"),
      },
      raises: null,
      created_at: created,
    };
    return {
      pk: S(`main#alert#al_${id}`),
      sk: S("alert"),
      kind: S("alert"),
      tenant: S("main"),
      gsi1pk: S("main#alerts"),
      gsi1sk: S(`${created}#al_${id}`),
      alert_id: S(`al_${id}`),
      msg_id: S(id),
      status: S("open"),
      score: { N: String(score) },
      severity: S(severity),
      level: S("model"),
      base_amount: { N: "1191" },
      body: S(JSON.stringify(body)),
    };
  };
  for (let n = 0; n < count; n += 25) {
    const requests = Array.from({ length: 25 }, (_, k) => ({ PutRequest: { Item: item(n + k) } }));
    await world.dynamodb("BatchWriteItem", { RequestItems: { SentinelTable: requests } });
  }
}
