// Which page a path shows. Pages other than the queue are loaded when they are first opened.

import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { QueuePage } from "./queue/QueuePage";
import { idOf } from "./shell/paths";
import { Shell } from "./shell/Shell";
import { Empty } from "./ui/parts";

const AlertPage = lazy(() => import("./alert/AlertPage"));
const AccountPage = lazy(() => import("./account/AccountPage"));
const CasePage = lazy(() => import("./cases/CasePage"));
const CasesPage = lazy(() => import("./cases/CasesPage"));
const RulesPage = lazy(() => import("./rules/RulesPage"));
const TransactionPage = lazy(() => import("./account/TransactionPage"));

export function App() {
  return (
    <Shell>
      <Suspense fallback={<p className="soft">Loading…</p>}>
        <Switch>
          <Route path="/">
            <QueuePage key="alerts" queue="alerts" />
          </Route>
          <Route path="/reviews">
            <QueuePage key="reviews" queue="reviews" />
          </Route>
          <Route path="/alerts/:id">{({ id }) => <AlertPage key={id} id={idOf(id)} />}</Route>
          <Route path="/cases">
            <CasesPage />
          </Route>
          <Route path="/cases/:id">{({ id }) => <CasePage key={id} id={idOf(id)} />}</Route>
          <Route path="/rules">
            <RulesPage />
          </Route>
          <Route path="/accounts/:id">{({ id }) => <AccountPage key={id} id={idOf(id)} />}</Route>
          <Route path="/transactions/:id">
            {({ id }) => <TransactionPage key={id} id={idOf(id)} />}
          </Route>
          <Route>
            <Empty title="There is no such page." />
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  );
}
