// People sign in with their roles: what each may do, four eyes, and a case from alert to its end.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe, CHROMIUM, closeBrowser, context, payment, picture, World } from "./world";

describe.skipIf(!CHROMIUM)("people", () => {
  let world: World;
  let token: string;
  beforeAll(async () => {
    world = await World.start({ args: ["--auth"], parameters: { FourEyesSeverity: "medium" } });
    token = world.token;
    for (const id of ["grave-1", "grave-2", "case-1", "case-2"]) {
      const posted = await world.post("/api/v1/transactions", payment(id), {
        prefer: "wait=15",
        authorization: `Bearer ${token}`,
      });
      expect(posted.status).toBe(200);
    }
  });
  afterAll(async () => {
    await closeBrowser();
    await world?.stop();
  });

  /** Opens a path as somebody, in a browser of their own. */
  async function as(name: string, path = "/"): Promise<Page> {
    const page = await (await context()).newPage();
    await page.goto(world.url + path);
    await page.getByRole("button", { name: new RegExp(name) }).click();
    await page.getByRole("button", { name: new RegExp(name) }).waitFor();
    return page;
  }

  it("sign in at the page that they came for, and stay signed in", async () => {
    const page = await (await context()).newPage();
    await page.goto(`${world.url}/alerts/al_grave-1`);
    await page.getByRole("button", { name: /Ada/ }).waitFor();
    expect(await axe(page)).toEqual([]);
    await picture(page, "sign-in-light");
    await page.getByRole("button", { name: /Ada/ }).click();
    await page.getByRole("button", { name: "Conclude" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/alerts/al_grave-1");
    await page.reload();
    await page.getByRole("button", { name: "Conclude" }).waitFor();
    // The tokens are in no place that outlives the tab.
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
    await page.getByRole("button", { name: /Ada/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("button", { name: /Ben/ }).waitFor();
    await page.context().close();
  });

  it("see what their role lets them do", async () => {
    const auditor = await as("Ari", "/alerts/al_grave-1");
    await auditor.getByRole("heading", { name: "Why" }).waitFor();
    for (const name of ["Conclude", "Make it mine", "Open a case", "Approve"]) {
      expect(await auditor.getByRole("button", { name }).count(), name).toBe(0);
    }
    await auditor.context().close();
  });

  it("conclude about severe alerts with four eyes", async () => {
    const ada = await as("Ada", "/alerts/al_grave-1");
    await ada.getByRole("button", { name: "Conclude" }).click();
    await ada.getByLabel("Suspicious").check();
    await ada.getByLabel("Note").fill("The receiver is a shell company.");
    await ada.getByRole("dialog").getByRole("button", { name: "Conclude" }).click();
    await ada.getByText("A second person has to approve.").waitFor();
    const sam = await as("Sam", "/");
    await sam.getByRole("button", { name: /To approve/ }).click();
    await sam.locator('[data-alert="al_grave-1"] a').click();
    await sam.getByText("The receiver is a shell company.").first().waitFor();
    await sam.getByRole("button", { name: "Approve" }).click();
    await sam.getByText("approved by").waitFor();
    // Ada's page hears of it by itself.
    await ada.getByText("approved by").waitFor();
    // Work is handed to colleagues by name.
    await sam.goto(`${world.url}/alerts/al_grave-2`);
    await sam.getByRole("button", { name: "Assign" }).click();
    await sam.getByRole("menuitem", { name: "Ada Lindgren" }).click();
    await sam.getByText("Assigned to Ada Lindgren").waitFor();
    await ada.goto(world.url);
    await ada.getByRole("button", { name: /Mine/ }).click();
    await ada.locator('[data-alert="al_grave-2"]').waitFor();
    await ada.context().close();
    await sam.context().close();
  });

  it("take a case from two alerts to its end", async () => {
    const ada = await as("Ada");
    await ada.locator('[data-alert="al_case-1"] input').check();
    await ada.locator('[data-alert="al_case-2"] input').check();
    await ada.getByRole("button", { name: "Open a case" }).click();
    const dialog = ada.getByRole("dialog");
    await dialog.getByLabel("Title").fill("A shell company in Iran");
    await dialog.getByLabel("Why").fill("Both pay the same receiver.");
    await dialog.getByRole("button", { name: "Open the case" }).click();
    await ada.getByRole("heading", { name: "A shell company in Iran" }).waitFor();
    const boxes = ada.locator(".checklist input[type=checkbox]");
    const count = await boxes.count();
    expect(count).toBeGreaterThan(4);
    for (let n = 0; n < count; n += 1) {
      await boxes.nth(n).check();
      await expect.poll(() => ada.locator(".checklist input:checked").count()).toBe(n + 1);
    }
    await ada.setInputFiles("input[type=file]", {
      name: "invoice.pdf",
      mimeType: "application/pdf",
      buffer: Buffer.from("an invoice"),
    });
    await ada.getByLabel("Where it is kept").fill("archive 17");
    await ada.getByRole("button", { name: "Attach" }).click();
    await ada.getByText("attached invoice.pdf").waitFor();
    expect(await axe(ada)).toEqual([]);
    await picture(ada, "case-light", true);
    await ada.getByRole("button", { name: "Escalate" }).click();
    await ada.getByRole("dialog").getByLabel("Why").fill("Beyond my limit.");
    await ada.getByRole("dialog").getByRole("button", { name: "Escalate" }).click();
    await ada.getByText("escalated it").waitFor();
    expect(await ada.getByRole("button", { name: "Close", exact: true }).count()).toBe(0);
    const sam = await as("Sam", new URL(ada.url()).pathname);
    await sam.getByRole("button", { name: "Close", exact: true }).click();
    await sam.getByLabel("The suspicion is founded").check();
    await sam.getByRole("dialog").getByLabel("Why").fill("No documents.");
    await sam.getByRole("button", { name: "Close the case" }).click();
    await sam.getByText("closed it as founded").waitFor();
    await sam.goto(`${world.url}/cases`);
    await sam.getByText("No cases here.").waitFor();
    expect(await axe(sam)).toEqual([]);
    await sam.getByRole("button", { name: "Ended" }).click();
    await sam.getByRole("link", { name: "A shell company in Iran" }).waitFor();
    await picture(sam, "cases-light");
    await ada.context().close();
    await sam.context().close();
  });
});
