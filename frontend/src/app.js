import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";

import { registerComponents } from "./components.js";
import { watchDialogs } from "./dialogs.js";
import { watchPage } from "./page.js";

window.htmx = htmx;
registerComponents(Alpine);
watchDialogs(htmx);
watchPage(htmx);
Alpine.start();
