/** The other half of the 300 storms of every test run. */
import { testStorms } from "./storms.ts";

testStorms(151, 150);
