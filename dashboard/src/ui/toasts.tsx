// Short messages about what was done, each with a way to undo it where there is one.

import { Toast } from "@base-ui/react/toast";
import type { ReactNode } from "react";

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider timeout={8_000}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function List() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast" data-type={toast.type}>
      <Toast.Description />
      {toast.actionProps && <Toast.Action className="button" />}
    </Toast.Root>
  ));
}

export type Tell = (text: string, undo?: () => void) => void;

/** Returns the two ways to tell something: that it was done, and that it failed. */
export function useTell(): { done: Tell; failed: (error: unknown) => void } {
  const manager = Toast.useToastManager();
  return {
    done: (text, undo) => {
      const id = manager.add({
        description: text,
        ...(undo && {
          actionProps: {
            children: "Undo",
            onClick: () => {
              manager.close(id);
              undo();
            },
          },
        }),
      });
    },
    failed: (error) => {
      const text = error instanceof Error ? error.message : "That did not work.";
      manager.add({ description: text, type: "bad", priority: "high" });
    },
  };
}
