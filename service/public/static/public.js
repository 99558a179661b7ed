// Adds to pages that work without it: GOV.UK's components, Shift three times to leave.
import { initAll } from "/assets/govuk-frontend.min.js";

initAll();
