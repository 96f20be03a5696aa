import { describe, expect, it } from "vitest";
import { alert } from "./fixtures";
import { AlertStore } from "./store";

function store() {
  const known = new AlertStore((publish) => publish());
  known.add([alert("a"), alert("b")]);
  return known;
}

const ids = (of: AlertStore) => of.snapshot().alerts.map((one) => one.alert_id);

describe("the store of a queue", () => {
  it("keeps the newer of two states, whichever comes first", () => {
    const known = store();
    known.change("al_a", { status: "closed", version: 2 });
    known.change("al_a", { status: "open", version: 1 });
    known.add([alert("a", { version: 1 })]);
    expect(known.get("al_a")).toMatchObject({ status: "closed", version: 2 });
  });

  it("forgets an assignee and a conclusion that were taken back", () => {
    const known = store();
    known.change("al_a", { status: "open", version: 1, assignee: "ann" });
    known.change("al_a", { status: "open", version: 2 });
    expect(known.get("al_a")?.assignee).toBeUndefined();
  });

  it("forgets what a new reading no longer lists, but not what was pushed during it", () => {
    const known = store();
    const reading = known.begin();
    reading.add([alert("b")]);
    known.add([alert("c")]);
    reading.finish();
    expect(ids(known)).toEqual(["al_b", "al_c"]);
    expect(known.snapshot().complete).toBe(true);
  });

  it("knows the newest sequence", () => {
    const known = store();
    known.add([alert("late", { sequence: "2027-01-01T00:00:00.000000Z#al_late" })]);
    expect(known.newest()).toBe("2027-01-01T00:00:00.000000Z#al_late");
    expect(new AlertStore().newest()).toBeUndefined();
  });

  it("tells its listeners until they leave", () => {
    const known = store();
    let told = 0;
    const leave = known.subscribe(() => {
      told += 1;
    });
    known.add([alert("c")]);
    leave();
    known.add([alert("d")]);
    expect(told).toBe(1);
  });
});
