// The day's work at the queue: alerts come in live, are triaged by keyboard, concluded and undone.

import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, closeBrowser, open, payment, World } from "./world";

const rows = "[data-alert]";

describe.skipIf(!CHROMIUM)("the queue", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ parameters: { FourEyesSeverity: "none" } });
  });
  afterAll(async () => {
    await closeBrowser();
    await world?.stop();
  });

  it("shows a new alert within a second, without a jump", async () => {
    const page = await open(world);
    await page.getByText("Nothing waits here.").waitFor();
    await page.locator(".stream[data-state=live]").waitFor();
    const decided = world.decide(payment("live-1"));
    await decided;
    const from = Date.now();
    await page.locator('[data-alert="al_live-1"]').waitFor();
    console.log(`an alert was on the page ${Date.now() - from} ms after its decision was read`);
    await page.locator('[data-alert="al_live-1"] a').focus();
    const before = await page.locator('[data-alert="al_live-1"]').boundingBox();
    await world.decide(payment("live-2"));
    await page.locator('[data-alert="al_live-2"]').waitFor();
    expect(await page.locator(rows).count()).toBe(2);
    expect(before).not.toBeNull();
    await page.context().close();
  });

  it("is triaged by keyboard, and a conclusion can be undone", async () => {
    const page = await open(world);
    await page.locator(rows).nth(1).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("2 selected").waitFor();
    await page.keyboard.press("a");
    await page.getByText("2 alerts are yours.").waitFor();
    await page.locator(`${rows} >> text=you`).nth(1).waitFor();
    await page.keyboard.press("k");
    await page.keyboard.press("e");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Conclude" }).click();
    await dialog.getByText("Choose a conclusion.").waitFor();
    await dialog.getByLabel("False positive").check();
    await dialog.getByLabel("Reason").selectOption("family");
    await dialog.getByRole("button", { name: "Conclude" }).click();
    await page.getByText("1 alert concluded.").waitFor();
    await expect.poll(() => page.locator(rows).count()).toBe(1);
    const told = page.locator(".toast", { hasText: "1 alert concluded." });
    await told.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => page.locator(rows).count()).toBe(2);
    await page.keyboard.press("?");
    await page.getByText("Keyboard shortcuts").first().waitFor();
    await page.keyboard.press("Escape");
    await page.context().close();
  });

  it("tells the second of two people on one alert that the first was faster", async () => {
    await world.decide(payment("both"));
    const [ann, ben] = await Promise.all([
      open(world, "/alerts/al_both"),
      open(world, "/alerts/al_both"),
    ]);
    for (const page of [ann, ben]) {
      // Ben's page does not hear of what Ann does.
      if (page === ben) await page.route("**/api/v1/alerts/al_both", (route) => route.abort());
      await page.getByRole("button", { name: "Conclude" }).click();
      await page.getByLabel("Inconclusive").check();
      await page.getByLabel("Note").fill(page === ann ? "no documents" : "documents missing");
    }
    await ann.getByRole("dialog").getByRole("button", { name: "Conclude" }).click();
    await ann.getByText("Inconclusive", { exact: true }).waitFor();
    await ben.unroute("**/api/v1/alerts/al_both");
    await ben.getByRole("dialog").getByRole("button", { name: "Conclude" }).click();
    await ben.getByText("Somebody has changed this alert meanwhile.").waitFor();
    await ben.getByText("no documents").first().waitFor();
    await ann.context().close();
    await ben.context().close();
  });

  it("finds payments, alerts and accounts", async () => {
    await world.decide(
      payment("INV/2026/1 50%", { receiver: { account: "x", bank_country: "GB" }, amount: "1.00" }),
    );
    const page = await open(world);
    const search = page.getByRole("searchbox", { name: /Find a transaction/ });
    await page.keyboard.press("/");
    await search.fill("al_both");
    await search.press("Enter");
    await page.waitForURL("**/alerts/al_both");
    await search.fill("INV/2026/1 50%");
    await search.press("Enter");
    await page.getByRole("heading", { name: "INV/2026/1 50%" }).waitFor();
    await search.fill("IR both-to");
    await search.press("Enter");
    await page.getByRole("heading", { name: "both-to" }).waitFor();
    await search.fill("nobody");
    await search.press("Enter");
    await page.getByText("Nothing has this id or account number.").first().waitFor();
    await page.context().close();
  });

  it("shows what people write as text", async () => {
    const hostile = {
      name: '<script>document.title="owned"</script> \u202egnp.exe',
      purpose: `=HYPERLINK("http://x") <img src=x onerror="document.title='owned'"> ${"A".repeat(300)}`,
    };
    const sender = { account: "hostile", bank_country: "GB", name: "<b>Bob</b> ; DROP" };
    const posted = await world.post(
      "/api/v1/transactions",
      payment("hostile", { sender, purpose: hostile.purpose }),
      { prefer: "wait=15" },
    );
    expect(posted.status).toBe(200);
    const page = await open(world, "/alerts/al_hostile");
    await page.getByText("<b>Bob</b> ; DROP").first().waitFor();
    await page.getByText("=HYPERLINK", { exact: false }).first().waitFor();
    expect(await page.title()).not.toBe("owned");
    expect(await page.locator("main b, main img").count()).toBe(0);
    await page.context().close();
  });

  it("exports the queue as a file", async () => {
    const page = await open(world);
    await page.locator(rows).first().waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export as CSV" }).click();
    const path = await (await download).path();
    const text = readFileSync(path, "utf8");
    expect(text).toContain("<b>Bob</b> ; DROP");
    await page.context().close();
  });

  it("explains on demand and tells the cost", async () => {
    const page = await open(world, "/alerts/al_both");
    await page.getByRole("button", { name: "Explain in full" }).click();
    await page.getByText("From the evidence alone, at no cost.").waitFor();
    await page.getByRole("button", { name: /Show every rule/ }).click();
    await page.getByText("fired").first().waitFor();
    await page.context().close();
  });
});

describe.skipIf(!CHROMIUM)("a lost connection", () => {
  it("is opened again, and what was missed is there", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "desk-"));
    let world = await World.start({ dataDir });
    const port = Number(new URL(world.url).port);
    const page = await open(world);
    await page.locator(".stream[data-state=live]").waitFor();
    await world.stop();
    await page.locator(".stream[data-state=lost]").waitFor();
    world = await World.start({ dataDir, port });
    await world.decide(payment("missed"));
    await page.locator(".stream[data-state=live]").waitFor({ timeout: 40_000 });
    await page.locator('[data-alert="al_missed"]').waitFor();
    await page.context().close();
    await closeBrowser();
    await world.stop();
  });
});
