import { chooseNow } from "./select";

export type { BackendChoice, BackendName, PassedOver } from "./choice";
export { backendChoice, ready } from "./select";

chooseNow();
