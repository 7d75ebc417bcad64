/** The path of a Firefox. Throws one clear line where there is none and none can be installed. */
export function needFirefox(): string;
/** The path of WebKitGTK's WebDriver. Throws one clear line where there is none and none can be installed. */
export function needWebKitDriver(): string;
/** The path of the browser that WebKitGTK's WebDriver drives. Throws one clear line where there is none and none can be installed. */
export function needMiniBrowser(): string;
/** The path of a screen that nobody looks at. Throws one clear line where there is none and none can be installed. */
export function needXvfb(): string;
