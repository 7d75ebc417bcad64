/** The path of an nginx. Throws one clear line where there is none and none can be installed. */
export function needNginx(): string;
/** The path of a Python 3 that has the module websockets. Throws one clear line where there is none and none can be installed. */
export function needPythonWebsockets(): string;
