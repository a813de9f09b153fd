// Every page works without these modules. Each of them adds one behaviour to elements that are marked for it.
import { watchDialogs } from "./dialog.js";
import { showCopies, watchCopies } from "./copy.js";
import { watchCreate } from "./create.js";
import { watchForms } from "./form.js";
import { watchMenus } from "./menu.js";
import { announceFlash } from "./flash.js";

watchCopies();
showCopies(document);
watchCreate();
watchForms();
watchMenus();
watchDialogs();
announceFlash();
