// Rules: a draft goes to the shadow, shows what it would change, and a second person puts it live.

import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe, CHROMIUM, closeBrowser, context, picture, World } from "./world";

describe.skipIf(!CHROMIUM)("rules", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ args: ["--auth"] });
  });
  afterAll(async () => {
    await closeBrowser();
    await world?.stop();
  });

  async function as(name: string): Promise<Page> {
    const page = await (await context()).newPage();
    await page.goto(`${world.url}/rules`);
    await page.getByRole("button", { name: new RegExp(name) }).click();
    await page.getByRole("heading", { name: "In force" }).waitFor();
    return page;
  }

  async function note(page: Page, text: string): Promise<void> {
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Why").fill(text);
    await dialog.locator("button[type=submit]").click();
  }

  it("are put in force by two people, who see what changes", async () => {
    const core = new URL("../../shared/rules/core.json", import.meta.url);
    const set = { ...JSON.parse(readFileSync(core, "utf8")), version: "stricter" };
    set.lines = { ...set.lines, review: 0.3 };
    const headers = { authorization: `Bearer ${world.token}` };
    const drafted = await world.post("/api/v1/rule-sets", set, headers);
    expect(drafted.status).toBe(201);

    const ruth = await as("Ruth");
    await ruth.getByRole("button", { name: "To the shadow" }).click();
    await note(ruth, "a trial");
    await ruth.getByText("0 payments compared").waitFor();
    expect(await ruth.getByRole("button", { name: "Put live" }).count()).toBe(0);

    const ralph = await as("Ralph");
    await ralph.getByRole("button", { name: "Show it" }).click();
    await ralph.getByText('"review": 0.3', { exact: false }).first().waitFor();
    expect(await axe(ralph)).toEqual([]);
    await picture(ralph, "rules-light");
    await ralph.getByRole("button", { name: "Put live" }).click();
    await note(ralph, "looked at");
    await ralph.getByText("approved by").waitFor();
    await ralph.getByRole("button", { name: "Roll back" }).click();
    await note(ralph, "too many alerts");
    await ralph.getByText("the deployment's own set").waitFor();
    await ralph.getByRole("button", { name: "Reference data" }).click();
    await ralph.getByText("None but the one that came with the deployment.").waitFor();
    await ruth.context().close();
    await ralph.context().close();
  });
});
