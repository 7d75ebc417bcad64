export { createChartCoverage } from 'statesocket/testing';
