// Every page works without these modules. Each of them adds one behaviour to the elements that are marked for it.
import { watchCopyButtons } from "./copy.js";
import { watchDownloadButtons } from "./download.js";
import { watchDialogs } from "./dialog.js";
import { nameTimeZone, watchEndDates } from "./enddate.js";
import { watchFetchForms } from "./fetchform.js";
import { watchFilters } from "./filter.js";
import { announceFlash } from "./flash.js";
import { watchMenus } from "./menu.js";
import { preventDoubleSubmits } from "./submit.js";
import { enableTokenFields } from "./token.js";

watchCopyButtons();
watchDownloadButtons();
enableTokenFields(document);
nameTimeZone(document);
watchEndDates();
watchFetchForms();
preventDoubleSubmits();
watchFilters();
watchMenus();
watchDialogs();
announceFlash();
